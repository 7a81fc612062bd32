using Microsoft.EntityFrameworkCore;
using MixGateway.Administration.SelfService;
using MixGateway.Billing;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Administration.Operators;

/// <summary>Puts together what an administrator wants to see first: from the database what all replicas did, from this one how its stores do.</summary>
internal sealed class OperatorOverview(
    AccessGuard guard, IDbContextFactory<GatewayDbContext> databases, Providers providers, CatalogReport catalog,
    HotStoreStatus hotStore, Books books, BillingCalendar calendar, TimeProvider time)
{
    private const int ShownMinutes = 30;
    private const int ShownErrors = 5;

    /// <summary>A replica that has been silent for so long is gone.</summary>
    private static readonly TimeSpan Presence = TimeSpan.FromMinutes(1);

    public Task<Outcome<GatewayOverview>> ShowAsync(Actor actor, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<GatewayOverview>(actor, async () =>
        {
            var now = time.Now();
            var first = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute)).AddMinutes(1 - ShownMinutes);
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var recent = database.UsageRecords.Where(record => record.StartedAt >= first);
            var all = catalog.Show();
            return new GatewayOverview(
                now,
                all.Currency,
                await MinutesAsync(recent, first, cancellationToken),
                await TodayAsync(database, cancellationToken),
                await ErrorsAsync(recent, cancellationToken),
                new HotStoreView(hotStore.Kind, hotStore.Closure, hotStore.Calls, hotStore.MemoryUsed),
                new BooksView(books.DatabaseAnswers, books.Pending, books.OldestAge, await database.RejectedEvents.LongCountAsync(cancellationToken)),
                await database.Replicas.Where(replica => replica.SeenAt >= now - Presence).OrderBy(replica => replica.Host)
                    .Select(replica => new ReplicaView(replica.Host, replica.HotStore, replica.SeenAt)).ToListAsync(cancellationToken),
                providers.List(new PageRequest(PageRequest.MaxLimit, null)).Value?.Data ?? [],
                all);
        });

    private static async Task<List<UsageMinute>> MinutesAsync(IQueryable<UsageRecordRow> recent, DateTime first, CancellationToken cancellationToken)
    {
        // Within an hour, hour and minute say which minute it is.
        var sums = await recent.GroupBy(record => new { record.StartedAt.Hour, record.StartedAt.Minute })
            .Select(minute => new
            {
                minute.Key.Hour,
                minute.Key.Minute,
                Requests = minute.LongCount(),
                Errors = minute.LongCount(record => record.Status == CallStatus.Failed || record.Status == CallStatus.Abandoned),
                PromptTokens = minute.Sum(record => record.PromptTokens),
                CompletionTokens = minute.Sum(record => record.CompletionTokens),
                Charged = minute.Sum(record => record.Charged),
            })
            .ToDictionaryAsync(minute => (minute.Hour, minute.Minute), cancellationToken);
        return
        [
            .. Enumerable.Range(0, ShownMinutes).Select(offset => first.AddMinutes(offset)).Select(at => sums.TryGetValue((at.Hour, at.Minute), out var sum)
                ? new UsageMinute(at, sum.Requests, sum.Errors, sum.PromptTokens, sum.CompletionTokens, new Money(sum.Charged))
                : new UsageMinute(at, 0, 0, 0, 0, Money.Zero)),
        ];
    }

    private async Task<UsageSum> TodayAsync(GatewayDbContext database, CancellationToken cancellationToken)
    {
        var today = calendar.Today;
        var sum = await database.UsageDaily.Where(day => day.Day == today).GroupBy(day => day.Day)
            .Select(day => new
            {
                Requests = day.Sum(part => part.Requests),
                PromptTokens = day.Sum(part => part.PromptTokens),
                CompletionTokens = day.Sum(part => part.CompletionTokens),
                Cost = day.Sum(part => part.Cost),
                Charged = day.Sum(part => part.Charged),
            })
            .SingleOrDefaultAsync(cancellationToken);
        return sum is null
            ? new UsageSum("", 0, 0, 0, 0, 0, 0, Money.Zero, Money.Zero)
            : new UsageSum("", sum.Requests, sum.PromptTokens, 0, 0, sum.CompletionTokens, 0, new Money(sum.Cost), new Money(sum.Charged));
    }

    private static Task<List<ErrorCount>> ErrorsAsync(IQueryable<UsageRecordRow> recent, CancellationToken cancellationToken) =>
        recent.Where(record => record.ErrorCode != null).GroupBy(record => record.ErrorCode!)
            .Select(group => new { Code = group.Key, Calls = group.LongCount() })
            .OrderByDescending(group => group.Calls).ThenBy(group => group.Code).Take(ShownErrors)
            .Select(group => new ErrorCount(group.Code, group.Calls)).ToListAsync(cancellationToken);
}
