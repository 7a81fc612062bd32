using MixGateway.Administration.SelfService;
using MixGateway.Billing;
using MixGateway.Catalog;

namespace MixGateway.Administration.Operators;

/// <summary>A group's margin.</summary>
/// <param name="Name">What a person calls the group.</param>
internal sealed record MarginLine(string Name, MarginSum Sum);

/// <summary>What stays of what came in.</summary>
/// <param name="Days">Each day with a call, in their order.</param>
/// <param name="Lines">The groups that were asked for.</param>
/// <param name="ModelsWithout">Models in force that no purchase prices are configured for, by name.</param>
internal sealed record MarginReport(MarginSum Total, IReadOnlyList<MarginSum> Days, IReadOnlyList<MarginLine> Lines, IReadOnlyList<string> ModelsWithout);

/// <summary>The margins of all accounts, for administrators.</summary>
internal sealed class OperatorMargin(AccessGuard guard, MarginSummary summary, CatalogStore catalog, DisplayNames names)
{
    /// <summary>More groups than a person reads.</summary>
    public const int MaxLines = 200;

    public Task<Outcome<MarginReport>> ShowAsync(Actor actor, MarginGroup group, UsagePeriod period, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<MarginReport>(actor, async () =>
        {
            var days = await summary.SumAsync(MarginGroup.Day, period, MaxLines, cancellationToken);
            var sums = group == MarginGroup.Day ? [.. days.Reverse()] : await summary.SumAsync(group, period, MaxLines, cancellationToken);
            var total = days.Aggregate(new MarginSum("", 0, Money.Zero, Money.Zero, Money.Zero), static (sum, day) => sum.Plus(day));
            return new MarginReport(total, days, await NameAsync(group, sums, cancellationToken), ModelsWithout());
        });

    private async Task<IReadOnlyList<MarginLine>> NameAsync(MarginGroup group, IReadOnlyList<MarginSum> sums, CancellationToken cancellationToken)
    {
        if (group != MarginGroup.Account)
        {
            return [.. sums.Select(static sum => new MarginLine(sum.Group, sum))];
        }

        var found = await names.OfAccountsAsync(sums.Select(static sum => Guid.Parse(sum.Group)), cancellationToken);
        return [.. sums.Select(sum => new MarginLine(found.GetValueOrDefault(Guid.Parse(sum.Group), sum.Group), sum))];
    }

    private string[] ModelsWithout() =>
    [
        .. from provider in catalog.Current.Providers.Values
            from model in provider.Models.Values
            where model.Purchase is null
            let name = ModelName.Canonical(provider.Name, model.Id)
            orderby name
            select name,
    ];
}
