using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Catalog;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>What margins are summed by.</summary>
internal enum MarginGroup
{
    Day,
    Model,
    Provider,
    Account,
}

/// <summary>What a group of calls brought in and what providers take for it.</summary>
/// <param name="Group">The day (<c>2026-11-22</c>, in the billing time zone), the canonical model, the provider, or the account's id.</param>
/// <param name="Charged">Of all calls.</param>
/// <param name="Covered">Of the calls whose purchase cost is known.</param>
/// <param name="Purchased">What providers take for those.</param>
internal sealed record MarginSum(string Group, long Requests, Money Charged, Money Covered, Money Purchased)
{
    public Money Margin => Covered - Purchased;

    /// <summary>The part of what came in that stays; null if nothing came in whose purchase cost is known.</summary>
    public double? Rate => Covered == Money.Zero ? null : Margin.Nanos / (double)Covered.Nanos;

    public MarginSum Plus(MarginSum other) => new(Group, Requests + other.Requests, Charged + other.Charged, Covered + other.Covered, Purchased + other.Purchased);
}

/// <summary>
/// Margins over all accounts, as far as <c>Purchase</c> prices are configured. A call that was answered before they were has no margin:
/// what is not known is not guessed.
/// </summary>
internal sealed class MarginSummary(IDbContextFactory<GatewayDbContext> databases, BillingCalendar calendar)
{
    /// <summary>By day in their order, by anything else what is charged most first.</summary>
    public async Task<IReadOnlyList<MarginSum>> SumAsync(MarginGroup group, UsagePeriod period, int most, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var parts = UsagePart.Of(database, UsageCover.Of(period, calendar));
        return group switch
        {
            MarginGroup.Day => await ReadAsync(Sum(parts, part => part.Day).OrderBy(sum => sum.Group), static day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), cancellationToken),
            MarginGroup.Account => await ReadAsync(MostFirst(Sum(parts, part => part.AccountId)).Take(most), static id => id.ToString(), cancellationToken),
            MarginGroup.Model => await ReadAsync(MostFirst(Sum(parts, part => part.Model)).Take(most), static model => model, cancellationToken),
            _ => ByProvider(await ReadAsync(MostFirst(Sum(parts, part => part.Model)), static model => model, cancellationToken)),
        };
    }

    /// <summary>A model's name begins with its provider's.</summary>
    private static List<MarginSum> ByProvider(List<MarginSum> models) =>
    [
        .. models.GroupBy(static sum => sum.Group[..sum.Group.IndexOf(ModelName.Separator, StringComparison.Ordinal)])
            .Select(static provider => provider.Aggregate(new MarginSum(provider.Key, 0, Money.Zero, Money.Zero, Money.Zero), static (sum, model) => sum.Plus(model)))
            .OrderByDescending(static sum => sum.Charged.Nanos),
    ];

    private static IQueryable<GroupSum<TGroup>> Sum<TGroup>(IQueryable<UsagePart> parts, Expression<Func<UsagePart, TGroup>> group) =>
        parts.GroupBy(group).Select(members => new GroupSum<TGroup>
        {
            Group = members.Key,
            Requests = members.Sum(part => part.Requests),
            Charged = members.Sum(part => part.Charged),
            Covered = members.Sum(part => part.PurchaseCharged),
            Purchased = members.Sum(part => part.PurchaseCost),
        });

    private static IQueryable<GroupSum<TGroup>> MostFirst<TGroup>(IQueryable<GroupSum<TGroup>> sums) => sums.OrderByDescending(sum => sum.Charged).ThenBy(sum => sum.Group);

    private static async Task<List<MarginSum>> ReadAsync<TGroup>(IQueryable<GroupSum<TGroup>> sums, Func<TGroup, string> write, CancellationToken cancellationToken) =>
    [
        .. (await sums.ToListAsync(cancellationToken)).Select(sum =>
            new MarginSum(write(sum.Group), sum.Requests, new Money(sum.Charged), new Money(sum.Covered), new Money(sum.Purchased))),
    ];

    /// <summary>A row of the query.</summary>
    private sealed class GroupSum<TGroup>
    {
        public required TGroup Group { get; init; }
        public required long Requests { get; init; }
        public required long Charged { get; init; }
        public required long Covered { get; init; }
        public required long Purchased { get; init; }
    }
}
