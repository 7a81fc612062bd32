using System.Globalization;
using MixGateway.Diagnostics;
using Npgsql;

namespace MixGateway.Storage;

/// <summary>
/// Keeps the months of <c>usage_records</c> on PostgreSQL three months ahead of the clock, so that no record has to wait for its month.
/// </summary>
internal sealed partial class UsagePartitions(NpgsqlDataSource dataSource, TimeProvider time, ILogger<UsagePartitions> logger) : PeriodicService(time, logger)
{
    private const int MonthsAhead = 3;

    /// <summary>Two replicas that create the same month at once would both fail.</summary>
    private const long AdvisoryLock = 0x4D6978506172746E;

    private static readonly TimeSpan Period = TimeSpan.FromHours(6);

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    protected override TimeSpan Interval => Period;

    /// <summary>
    /// Creates what is missing from last month on; a call of last month may end in this one. What cannot be created now is logged and
    /// left for the next time: the default partition takes its records until then.
    /// </summary>
    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await CreateMissingAsync(connection, cancellationToken);
        }
        catch (PostgresException exception)
        {
            Log.Failed(_logger, exception, Period);
        }
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(stopping);
            await EnsureAsync(connection, stopping);
        }
        catch (Exception exception) when (DatabaseFault.IsAway(exception))
        {
            Log.Failed(_logger, exception, Period);
        }
    }

    private static string Name(DateOnly month) => string.Create(CultureInfo.InvariantCulture, $"usage_records_y{month:yyyy}m{month:MM}");

    private async Task CreateMissingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var month = new DateOnly(now.Year, now.Month, 1).AddMonths(-1);
        var last = month.AddMonths(1 + MonthsAhead);
        for (; month <= last; month = month.AddMonths(1))
        {
            await using var exists = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection) { Parameters = { new() { Value = Name(month) } } };
            if (await exists.ExecuteScalarAsync(cancellationToken) is false)
            {
                await CreateAsync(connection, month, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Makes a table of its own and attaches it, which lets the bookings of other months go on, and moves what the default partition
    /// took for this month meanwhile. Gives up rather than hold bookings up behind a long-running query.
    /// </summary>
    private async Task CreateAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancellationToken)
    {
        var name = Name(month);
        var from = string.Create(CultureInfo.InvariantCulture, $"'{month:yyyy-MM-dd} 00:00:00+00'");
        var to = string.Create(CultureInfo.InvariantCulture, $"'{month.AddMonths(1):yyyy-MM-dd} 00:00:00+00'");
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"""
            SET LOCAL lock_timeout = '3s';
            SELECT pg_advisory_xact_lock({AdvisoryLock});
            CREATE TABLE IF NOT EXISTS {name} (LIKE usage_records INCLUDING ALL);
            LOCK TABLE usage_records_default IN ACCESS EXCLUSIVE MODE;
            WITH early AS (DELETE FROM usage_records_default WHERE started_at >= {from} AND started_at < {to} RETURNING *)
            INSERT INTO {name} SELECT * FROM early;
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = '{name}'::regclass) THEN
                    ALTER TABLE usage_records ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to});
                END IF;
            END $$;
            """,
            connection,
            transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Log.Created(_logger, name);
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "UsagePartitionCreated", Level = LogLevel.Information, Message = "Created the partition {Name}.")]
        public static partial void Created(ILogger logger, string name);

        [LoggerMessage(EventName = "UsagePartitionFailed", Level = LogLevel.Warning, Message = "The coming months of usage_records could not be created; the next try is in {Period}.")]
        public static partial void Failed(ILogger logger, Exception exception, TimeSpan period);
    }
}
