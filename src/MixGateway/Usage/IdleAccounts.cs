using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>
/// Lets accounts and keys leave the hot store that were not used for <c>Quotas:ForgetIdle</c>: its memory is for what is in use. They are
/// looked for by the database's list, which no store has to keep beside its own. Runs on every replica; two at once do no harm.
/// </summary>
internal sealed partial class IdleAccounts(
    IDbContextFactory<GatewayDbContext> databases, AccountStore accounts, HotStoreStatus status, IOptions<QuotasOptions> options, TimeProvider time, ILogger<IdleAccounts> logger)
    : PeriodicService(time, logger)
{
    private const int Batch = 500;

    /// <summary>So many are looked at at once: each keeps the hot store busy for a moment, and calls have to get through.</summary>
    private const int Parallel = 8;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    protected override TimeSpan Interval => TimeSpan.FromTicks(Math.Clamp(options.Value.ForgetIdle.Ticks / 24, Shortest.Ticks, Longest.Ticks));

    /// <inheritdoc/>
    protected override bool IsNeeded => options.Value.ForgetIdle > TimeSpan.Zero;

    /// <summary>One round over all accounts; ends early when a store does not answer.</summary>
    /// <returns>How many accounts and keys left.</returns>
    public async Task<(long Accounts, long Keys)> ForgetAsync(CancellationToken cancellationToken)
    {
        var (left, leftKeys) = (0L, 0L);
        var after = Guid.Empty;
        while (status.Answers && await NextAsync(after, cancellationToken) is { Count: > 0 } ids)
        {
            foreach (var some in ids.Chunk(Parallel))
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var evicted in await Task.WhenAll(Array.ConvertAll(some, id => accounts.EvictAsync(id, options.Value.ForgetIdle).AsTask())))
                {
                    left += evicted.Accounts;
                    leftKeys += evicted.Keys;
                }
            }

            after = ids[^1];
        }

        return (left, leftKeys);
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            var (left, leftKeys) = await ForgetAsync(stopping);
            if (left + leftKeys > 0)
            {
                Log.Forgotten(_logger, left, leftKeys, options.Value.ForgetIdle);
            }
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.DatabaseDown(_logger, e);
        }
    }

    private async Task<List<Guid>> NextAsync(Guid after, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Accounts
            .Where(account => account.Id.CompareTo(after) > 0)
            .OrderBy(account => account.Id)
            .Select(account => account.Id)
            .Take(Batch)
            .ToListAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Accounts} accounts and {Keys} keys left the hot store: they were not used for {Idle}", EventName = "IdleForgotten")]
        public static partial void Forgotten(ILogger logger, long accounts, long keys, TimeSpan idle);

        [LoggerMessage(2, LogLevel.Debug, "Unused accounts could not be looked for because the database does not answer", EventName = nameof(DatabaseDown))]
        public static partial void DatabaseDown(ILogger logger, Exception exception);
    }
}
