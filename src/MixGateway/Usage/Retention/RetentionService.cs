using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using MixGateway.Storage;

namespace MixGateway.Usage.Retention;

/// <summary>
/// Clears what <c>Usage:Retention</c> and <c>Audit:Retention</c> say. The mark comes first, so that nobody books into a month that is being
/// cleared, or compares its days with records that are going; then the records, then the ledger.
/// </summary>
internal sealed partial class RetentionService(
    IDbContextFactory<GatewayDbContext> databases,
    IExpiredRecords records,
    LedgerCarry ledger,
    UsageHorizon horizon,
    IOptions<UsageRetentionOptions> usage,
    IOptions<AuditRetentionOptions> audit,
    TimeProvider time,
    ILogger<RetentionService> logger) : PeriodicService(time, logger), IHostedLifecycleService
{
    private const int AuditBatch = 1000;

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    protected override TimeSpan Interval => TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override bool RunsAtStart => true;

    /// <summary>What the database has cleared before is known before anything is booked, whatever the settings say now.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await horizon.LoadAsync(database, cancellationToken);
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The first month that stays: whole months go, and never the current one or the one before.</summary>
    internal static DateTime FirstKeptMonth(DateTime now, TimeSpan retention)
    {
        var month = MonthOf(now).AddMonths(-1);
        var oldest = MonthOf(now - retention);
        return oldest < month ? oldest : month;
    }

    /// <summary>One round.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await horizon.LoadAsync(database, cancellationToken);
        if (usage.Value.Retention > TimeSpan.Zero)
        {
            await ClearUsageAsync(database, FirstKeptMonth(now, usage.Value.Retention), cancellationToken);
        }

        if (audit.Value.Retention > TimeSpan.Zero)
        {
            await ClearAuditAsync(database, now - audit.Value.Retention, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await ClearAsync(stopping);
        }
        catch (Exception exception) when (DatabaseFault.IsAway(exception))
        {
            Log.Postponed(_logger, exception, Interval);
        }
    }

    private static DateTime MonthOf(DateTime instant) => new(instant.Year, instant.Month, 1, 0, 0, 0, DateTimeKind.Utc);

    private async Task ClearUsageAsync(GatewayDbContext database, DateTime before, CancellationToken stopping)
    {
        await database.AdvanceMarkAsync(RetentionMarkRow.Usage, before, stopping);
        horizon.Advance(before);
        if (await records.ClearAsync(before, stopping))
        {
            await ledger.CarryAsync(before, stopping);
        }
    }

    private async Task ClearAuditAsync(GatewayDbContext database, DateTime before, CancellationToken stopping)
    {
        int deleted;
        var all = 0L;
        do
        {
            deleted = await database.AuditEntries.Where(entry => entry.At < before && entry.Action != AuditEntryRow.CurrencyAction).OrderBy(entry => entry.At).Take(AuditBatch).ExecuteDeleteAsync(stopping);
            all += deleted;
        }
        while (deleted == AuditBatch);
        if (all > 0)
        {
            Log.AuditCleared(_logger, all, before);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database is not available, so retention waits; the next round is in {Interval}", EventName = "RetentionPostponed")]
        public static partial void Postponed(ILogger logger, Exception exception, TimeSpan interval);

        [LoggerMessage(2, LogLevel.Information, "Deleted {Entries} audit log entries from before {Before:u}", EventName = "AuditEntriesExpired")]
        public static partial void AuditCleared(ILogger logger, long entries, DateTime before);
    }
}
