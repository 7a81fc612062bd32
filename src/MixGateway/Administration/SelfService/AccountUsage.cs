using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Administration.SelfService;

/// <summary>The sums of a day.</summary>
internal sealed record UsageDay(DateOnly Day, long Requests, long PromptTokens, long CompletionTokens, Money Charged);

/// <summary>The sums of a model or key.</summary>
internal sealed record UsageShare(string Name, long Requests, long Tokens, Money Charged);

/// <summary>An account at a glance: the last 30 days, the last of them today.</summary>
/// <param name="ErrorRate">The part of the last week's calls that failed; null if there were none.</param>
/// <param name="FirstTokenMs">The mean time to the first token in the last week; null if nothing was streamed.</param>
internal sealed record AccountOverview(
    Account Account, IReadOnlyList<UsageDay> Days, IReadOnlyList<UsageShare> Models, double? ErrorRate, double? FirstTokenMs)
{
    public Money SpentOver(int days) => new(Days.TakeLast(days).Sum(static day => day.Charged.Nanos));
}

/// <summary>What an account used, for its members.</summary>
internal sealed class AccountUsage(
    AccessGuard guard, IDbContextFactory<GatewayDbContext> databases, Accounts accounts, UsageReport report, BillingCalendar calendar, TimeProvider time)
{
    private const int OverviewDays = 30;
    private const int TopModels = 5;
    private const int CsvPage = 500;

    public Task<Outcome<AccountOverview>> OverviewAsync(Actor actor, Guid accountId, CancellationToken cancellationToken) =>
        guard.RunAsync<AccountOverview>(actor, accountId, AccountRole.Viewer, async () =>
        {
            var outcome = await accounts.GetAsync(accountId, cancellationToken);
            return outcome.IsRefused(out var refusal, out var account) ? refusal : await OverviewAsync(account, cancellationToken);
        });

    public Task<Outcome<Page<UsageEntry>>> ListAsync(Actor actor, Guid accountId, UsageFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsync(actor, accountId, AccountRole.Viewer, () => report.ListAsync(accountId, filter, page, cancellationToken));

    public Task<Outcome<UsageEntry>> GetAsync(Actor actor, Guid accountId, Guid requestId, CancellationToken cancellationToken) =>
        guard.RunAsync<UsageEntry>(actor, accountId, AccountRole.Viewer, async () =>
        {
            var outcome = await report.GetAsync(requestId, cancellationToken);
            return outcome.Value is { } entry && entry.AccountId != accountId ? Refusal.NotFound("usage record", requestId) : outcome;
        });

    /// <summary>Every day of a period, also those without a call.</summary>
    /// <param name="filter">With both ends of its period.</param>
    public Task<Outcome<IReadOnlyList<UsageDay>>> DaysAsync(Actor actor, Guid accountId, UsageFilter filter, CancellationToken cancellationToken) =>
        guard.RunAsync<IReadOnlyList<UsageDay>>(actor, accountId, AccountRole.Viewer, async () =>
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var parts = UsagePart.Of(database, UsageCover.Of(filter.Period, calendar)).Where(part => part.AccountId == accountId);
            parts = filter.KeyId is { } key ? parts.Where(part => part.KeyId == key) : parts;
            parts = filter.Model is { } model ? parts.Where(part => part.Model == model) : parts;
            var first = calendar.DayOf(filter.Period.From!.Value);
            return Outcome.Of(await DaysAsync(parts, first, calendar.DayOf(filter.Period.To!.Value.AddTicks(-1)), cancellationToken));
        });

    /// <summary>The models that an account has used.</summary>
    public Task<Outcome<IReadOnlyList<string>>> ModelsAsync(Actor actor, Guid accountId, CancellationToken cancellationToken) =>
        guard.RunAsync<IReadOnlyList<string>>(actor, accountId, AccountRole.Viewer, async () =>
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            IReadOnlyList<string> models = await database.UsageDaily.Where(day => day.AccountId == accountId)
                .Select(day => day.Model).Distinct().OrderBy(model => model).ToListAsync(cancellationToken);
            return Outcome.Of(models);
        });

    /// <summary>All records of a filter, newest first, page by page; nothing for who may not see them.</summary>
    public async IAsyncEnumerable<UsageEntry> AllAsync(Actor actor, Guid accountId, UsageFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Cursor? after = null;
        do
        {
            var outcome = await ListAsync(actor, accountId, filter, new PageRequest(CsvPage, after), cancellationToken);
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

    private async Task<AccountOverview> OverviewAsync(Account account, CancellationToken cancellationToken)
    {
        var today = calendar.Today;
        var first = today.AddDays(1 - OverviewDays);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var parts = UsagePart.Of(database, UsageCover.Of(new UsagePeriod(calendar.StartOf(first), null), calendar)).Where(part => part.AccountId == account.Id);
        var days = await DaysAsync(parts, first, today, cancellationToken);
        var models = await parts.GroupBy(part => part.Model)
            .Select(group => new
            {
                group.Key,
                Requests = group.Sum(part => part.Requests),
                Tokens = group.Sum(part => part.PromptTokens + part.CompletionTokens),
                Charged = group.Sum(part => part.Charged),
            })
            .OrderByDescending(group => group.Charged).Take(TopModels).ToListAsync(cancellationToken);
        var weekAgo = time.GetUtcNow().UtcDateTime.AddDays(-7);
        var recent = database.UsageRecords.Where(record => record.AccountId == account.Id && record.StartedAt >= weekAgo);
        var calls = await recent.LongCountAsync(cancellationToken);
        var failed = await recent.LongCountAsync(record => record.Status == CallStatus.Failed || record.Status == CallStatus.Abandoned, cancellationToken);
        var firstToken = await recent.Where(record => record.FirstTokenMs != null).AverageAsync(record => (double?)record.FirstTokenMs, cancellationToken);
        return new AccountOverview(
            account,
            days,
            [.. models.Select(static model => new UsageShare(model.Key, model.Requests, model.Tokens, new Money(model.Charged)))],
            calls == 0 ? null : (double)failed / calls,
            firstToken);
    }

    private static async Task<IReadOnlyList<UsageDay>> DaysAsync(IQueryable<UsagePart> parts, DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        var sums = await parts.GroupBy(part => part.Day)
            .Select(group => new
            {
                Day = group.Key,
                Requests = group.Sum(part => part.Requests),
                Prompt = group.Sum(part => part.PromptTokens),
                Completion = group.Sum(part => part.CompletionTokens),
                Charged = group.Sum(part => part.Charged),
            })
            .ToDictionaryAsync(sum => sum.Day, cancellationToken);
        List<UsageDay> days = [];
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            days.Add(sums.TryGetValue(day, out var sum)
                ? new UsageDay(day, sum.Requests, sum.Prompt, sum.Completion, new Money(sum.Charged))
                : new UsageDay(day, 0, 0, 0, Money.Zero));
        }

        return days;
    }
}
