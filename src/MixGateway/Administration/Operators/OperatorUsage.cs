using System.Runtime.CompilerServices;
using MixGateway.Administration.SelfService;
using MixGateway.Billing;

namespace MixGateway.Administration.Operators;

/// <summary>What the sums of all usage are grouped by.</summary>
internal enum OperatorUsageGroup
{
    Day,
    Model,
    Provider,
    Account,
}

/// <summary>A line of sums.</summary>
/// <param name="Name">What a person calls the group.</param>
internal sealed record UsageLine(string Name, UsageSum Sum)
{
    /// <inheritdoc cref="UsageSum.Uncollected"/>
    public Money Uncollected => Sum.Uncollected;
}

/// <summary>The sums of a period.</summary>
internal sealed record UsageLines(IReadOnlyList<UsageLine> Lines);

/// <summary>The usage of all accounts, for administrators.</summary>
internal sealed class OperatorUsage(AccessGuard guard, UsageSummary summary, UsageReport report, DisplayNames names)
{
    /// <summary>More groups than a person reads; what is charged most comes first, so the rest is small.</summary>
    public const int MaxLines = 200;

    /// <summary>By day: in their order. By anything else: what is charged most comes first.</summary>
    public Task<Outcome<UsageLines>> SumAsync(Actor actor, OperatorUsageGroup group, UsagePeriod period, UsageSumFilter filter, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<UsageLines>(actor, async () =>
        {
            var outcome = group == OperatorUsageGroup.Account
                ? await summary.TopAccountsAsync(period, filter, MaxLines, cancellationToken)
                : await ReadAsync(group == OperatorUsageGroup.Day ? UsageGroup.Day : UsageGroup.Model, period, filter, cancellationToken);
            if (outcome.IsRefused(out var refusal, out var page))
            {
                return refusal;
            }

            var sums = page.Data;
            return new UsageLines(group switch
            {
                OperatorUsageGroup.Day => [.. sums.Select(static sum => new UsageLine(sum.Group, sum))],
                OperatorUsageGroup.Provider => Top(Providers(sums)),
                OperatorUsageGroup.Account => await NameAsync(Top(sums), cancellationToken),
                _ => Top(sums),
            });
        });

    /// <summary>A call of any account.</summary>
    public Task<Outcome<UsageDetail>> ShowAsync(Actor actor, Guid requestId, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync(actor, () => report.ShowAsync(requestId, cancellationToken));

    /// <summary>All records of a filter, newest first, page by page; nothing for who may not see them.</summary>
    public async IAsyncEnumerable<UsageEntry> AllAsync(Actor actor, UsageFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Cursor? after = null;
        do
        {
            var request = new PageRequest(PageRequest.MaxLimit, after);
            var outcome = await guard.RunAsAdministratorAsync(actor, () => report.ListAllAsync(filter, request, cancellationToken));
            if (outcome.IsRefused(out _, out var page))
            {
                yield break;
            }

            foreach (var entry in page.Data)
            {
                yield return entry;
            }

            after = page.NextCursor is { } next && Cursor.TryParse(next, out var cursor) ? cursor : null;
        }
        while (after is not null);
    }

    /// <summary>All groups: there are not more days and models than a gateway can list.</summary>
    private async Task<Outcome<Page<UsageSum>>> ReadAsync(UsageGroup group, UsagePeriod period, UsageSumFilter filter, CancellationToken cancellationToken)
    {
        List<UsageSum> sums = [];
        Cursor? after = null;
        do
        {
            var outcome = await summary.SumAsync(group, period, new PageRequest(PageRequest.MaxLimit, after), cancellationToken, filter);
            if (outcome.IsRefused(out var refusal, out var page))
            {
                return refusal;
            }

            sums.AddRange(page.Data);
            after = page.NextCursor is { } next && Cursor.TryParse(next, out var cursor) ? cursor : null;
        }
        while (after is not null);
        return new Page<UsageSum>(sums, null);
    }

    private static List<UsageLine> Top(IEnumerable<UsageSum> sums) =>
        [.. sums.OrderByDescending(static sum => sum.Cost.Nanos).ThenByDescending(static sum => sum.Requests).Take(MaxLines).Select(static sum => new UsageLine(sum.Group, sum))];

    private async Task<List<UsageLine>> NameAsync(List<UsageLine> lines, CancellationToken cancellationToken)
    {
        var found = await names.OfAccountsAsync(lines.Select(static line => Guid.Parse(line.Sum.Group)), cancellationToken);
        return [.. lines.Select(line => line with { Name = found.GetValueOrDefault(Guid.Parse(line.Sum.Group), line.Name) })];
    }

    /// <summary>A model's name begins with its provider's.</summary>
    private static IEnumerable<UsageSum> Providers(IEnumerable<UsageSum> models) =>
        models.GroupBy(static sum => sum.Group[..sum.Group.IndexOf(Catalog.ModelName.Separator, StringComparison.Ordinal)]).Select(static group => group.Aggregate(
            new UsageSum(group.Key, 0, 0, 0, 0, 0, 0, Money.Zero, Money.Zero),
            static (left, right) => left with
            {
                Requests = left.Requests + right.Requests,
                PromptTokens = left.PromptTokens + right.PromptTokens,
                CachedTokens = left.CachedTokens + right.CachedTokens,
                CacheWriteTokens = left.CacheWriteTokens + right.CacheWriteTokens,
                CompletionTokens = left.CompletionTokens + right.CompletionTokens,
                ReasoningTokens = left.ReasoningTokens + right.ReasoningTokens,
                Cost = left.Cost + right.Cost,
                Charged = left.Charged + right.Charged,
            }));
}
