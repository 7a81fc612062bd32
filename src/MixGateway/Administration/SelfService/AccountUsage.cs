using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration.SelfService;

/// <summary>What an account used, for its members.</summary>
internal sealed class AccountUsage(
    AccessGuard guard, IDbContextFactory<GatewayDbContext> databases, Accounts accounts, UsageReport report, AccountQuality quality, BillingCalendar calendar)
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

    public Task<Outcome<UsageDetail>> ShowAsync(Actor actor, Guid accountId, Guid requestId, CancellationToken cancellationToken) =>
        guard.RunAsync<UsageDetail>(actor, accountId, AccountRole.Viewer, async () =>
        {
            var outcome = await report.ShowAsync(requestId, cancellationToken);
            return outcome.Value is { } detail && detail.Entry.AccountId == accountId ? detail with { PurchaseCost = null } : Refusal.NotFound("usage record", requestId);
        });

    /// <summary>Every day of a period, also those without a call.</summary>
    /// <param name="filter">With both ends of its period.</param>
    public Task<Outcome<IReadOnlyList<UsageDay>>> DaysAsync(Actor actor, Guid accountId, UsageFilter filter, CancellationToken cancellationToken) =>
        guard.RunAsync<IReadOnlyList<UsageDay>>(actor, accountId, AccountRole.Viewer, async () =>
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var parts = Parts(database, accountId, filter);
            var first = calendar.DayOf(filter.Period.From!.Value);
            return Outcome.Of(await DaysAsync(parts, first, calendar.DayOf(filter.Period.To!.Value.AddTicks(-1)), cancellationToken));
        });

    /// <summary>What is charged most comes first.</summary>
    public Task<Outcome<IReadOnlyList<UsageShare>>> SharesAsync(Actor actor, Guid accountId, UsageFilter filter, UsageShareGroup group, CancellationToken cancellationToken) =>
        guard.RunAsync<IReadOnlyList<UsageShare>>(actor, accountId, AccountRole.Viewer, async () =>
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var parts = Parts(database, accountId, filter);
            var shares = group == UsageShareGroup.Model
                ? (await Share(parts, part => part.Model).ToListAsync(cancellationToken)).Select(static sum => sum.View(sum.Group))
                : (await Share(parts, part => part.KeyId).ToListAsync(cancellationToken)).Select(static sum => sum.View(sum.Group.ToString()));
            return Outcome.Of<IReadOnlyList<UsageShare>>([.. shares]);
        });

    /// <summary>What each key was used for in the last 30 days.</summary>
    public Task<Outcome<KeyUsages>> OfKeysAsync(Actor actor, Guid accountId, CancellationToken cancellationToken) =>
        guard.RunAsync<KeyUsages>(actor, accountId, AccountRole.Viewer, async () =>
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var keys = await LastDays(database, accountId, OverviewDays).GroupBy(part => part.KeyId)
                .Select(key => new { key.Key, Requests = key.Sum(part => part.Requests), Charged = key.Sum(part => part.Charged), LastDay = key.Max(part => part.Day) })
                .ToDictionaryAsync(key => key.Key, key => new KeyUsage(key.Requests, new Money(key.Charged), key.LastDay), cancellationToken);
            return new KeyUsages(keys);
        });

    /// <summary>What a key with a spend limit spent of it in the period that now is.</summary>
    public Task<Outcome<SpendSoFar>> SpentOfAsync(Actor actor, Guid accountId, Guid keyId, SpendLimit limit, CancellationToken cancellationToken) =>
        guard.RunAsync<SpendSoFar>(actor, accountId, AccountRole.Viewer, async () =>
        {
            var today = calendar.Today;
            DateOnly? first = limit.Period switch
            {
                SpendLimitPeriod.Day => today,
                SpendLimitPeriod.Month => new DateOnly(today.Year, today.Month, 1),
                _ => null,
            };
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var days = database.UsageDaily.Where(day => day.AccountId == accountId && day.KeyId == keyId && (first == null || day.Day >= first));
            return new SpendSoFar(new Money(await days.SumAsync(day => day.Charged, cancellationToken)), limit);
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
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var parts = LastDays(database, account.Id, OverviewDays);
        var models = await Share(parts, part => part.Model).Take(TopModels).ToListAsync(cancellationToken);
        return new AccountOverview(
            account,
            await DaysAsync(parts, today.AddDays(1 - OverviewDays), today, cancellationToken),
            [.. models.Select(static model => model.View(model.Group))],
            await quality.ReadAsync(database, account.Id, cancellationToken));
    }

    private IQueryable<UsagePart> LastDays(GatewayDbContext database, Guid accountId, int days)
    {
        var period = new UsagePeriod(calendar.StartOf(calendar.Today.AddDays(1 - days)), null);
        return UsagePart.Of(database, UsageCover.Of(period, calendar)).Where(part => part.AccountId == accountId);
    }

    private IQueryable<UsagePart> Parts(GatewayDbContext database, Guid accountId, UsageFilter filter)
    {
        var parts = UsagePart.Of(database, UsageCover.Of(filter.Period, calendar)).Where(part => part.AccountId == accountId);
        parts = filter.KeyId is { } key ? parts.Where(part => part.KeyId == key) : parts;
        return filter.Model is { } model ? parts.Where(part => part.Model == model) : parts;
    }

    private static IQueryable<ShareSum<TGroup>> Share<TGroup>(IQueryable<UsagePart> parts, Expression<Func<UsagePart, TGroup>> group) =>
        parts.GroupBy(group).Select(members => new ShareSum<TGroup>
        {
            Group = members.Key,
            Requests = members.Sum(part => part.Requests),
            PromptTokens = members.Sum(part => part.PromptTokens),
            CompletionTokens = members.Sum(part => part.CompletionTokens),
            Charged = members.Sum(part => part.Charged),
        })
        .OrderByDescending(sum => sum.Charged).ThenByDescending(sum => sum.Requests).ThenBy(sum => sum.Group);

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

    /// <summary>A row of the query.</summary>
    private sealed class ShareSum<TGroup>
    {
        public required TGroup Group { get; init; }
        public required long Requests { get; init; }
        public required long PromptTokens { get; init; }
        public required long CompletionTokens { get; init; }
        public required long Charged { get; init; }

        public UsageShare View(string name) => new(name, Requests, PromptTokens, CompletionTokens, new Money(Charged));
    }
}
