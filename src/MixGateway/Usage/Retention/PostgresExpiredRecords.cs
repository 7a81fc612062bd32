using Microsoft.Extensions.Options;
using MixGateway.Storage;
using Npgsql;

namespace MixGateway.Usage.Retention;

/// <summary>
/// Detaches the partitions of old months from <c>usage_records</c> on PostgreSQL, and drops them unless they are to be archived. A month
/// takes milliseconds, and gives up rather than hold bookings up behind a query that reads the table for long.
/// </summary>
internal sealed partial class PostgresExpiredRecords(
    NpgsqlDataSource dataSource, IOptions<UsageRetentionOptions> options, ILogger<PostgresExpiredRecords> logger) : IExpiredRecords
{
    private const int Batch = 5000;

    /// <summary>One replica at a time, or two would wait for the same month.</summary>
    private const long AdvisoryLock = 0x4D69785265746E74;

    private const string Begin = $"SET LOCAL lock_timeout = '2s'; {DurableTransaction.NotForever}";

    /// <summary>Of the partitions that end no later than the time, with their names as SQL writes them.</summary>
    private const string Find = $"SELECT name FROM ({PartitionBounds.Query}) AS months WHERE until <= $1 ORDER BY until";

    private const string IsAttached = "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'usage_records'::regclass AND inhrelid = to_regclass($1))";

    /// <summary>What no month is there for; nothing, as a rule.</summary>
    private const string DeleteFromDefault =
        "DELETE FROM usage_records_default WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_records_default WHERE started_at < $1 LIMIT $2))";

    /// <inheritdoc/>
    public async Task<bool> ClearAsync(DateTime before, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        foreach (var month in await FindAsync(connection, before, cancellationToken))
        {
            try
            {
                if (!await ClearMonthAsync(connection, month, cancellationToken))
                {
                    return false;
                }
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                Log.Busy(logger, month);
                return false;
            }
        }

        if (options.Value.ExpiredMonths == ExpiredMonths.Drop)
        {
            await ClearDefaultAsync(connection, before, cancellationToken);
        }

        return true;
    }

    private static async Task<List<string>> FindAsync(NpgsqlConnection connection, DateTime before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Find, connection) { Parameters = { new() { Value = before } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> months = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            months.Add(reader.GetString(0));
        }

        return months;
    }

    /// <returns>False if another replica is at it.</returns>
    private async Task<bool> ClearMonthAsync(NpgsqlConnection connection, string month, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, Begin, cancellationToken);
        if (await ScalarAsync(connection, $"SELECT pg_try_advisory_xact_lock({AdvisoryLock})", cancellationToken) is not true)
        {
            return false;
        }

        if (await ScalarAsync(connection, IsAttached, cancellationToken, month) is true)
        {
            await ExecuteAsync(connection, $"ALTER TABLE usage_records DETACH PARTITION {month}", cancellationToken);
            if (options.Value.ExpiredMonths == ExpiredMonths.Drop)
            {
                await ExecuteAsync(connection, $"DROP TABLE {month}", cancellationToken);
                Log.Dropped(logger, month);
            }
            else
            {
                Log.Detached(logger, month);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        return true;
    }

    private static async Task ClearDefaultAsync(NpgsqlConnection connection, DateTime before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(DeleteFromDefault, connection) { Parameters = { new() { Value = before }, new() { Value = Batch } } };
        while (await command.ExecuteNonQueryAsync(cancellationToken) == Batch)
        {
            // Until no full batch is left.
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, string? value = null)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        if (value is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Dropped {Month}: its retention is over", EventName = "UsageMonthDropped")]
        public static partial void Dropped(ILogger logger, string month);

        [LoggerMessage(2, LogLevel.Information, "Detached {Month}: its retention is over. Archive the table and drop it", EventName = "UsageMonthDetached")]
        public static partial void Detached(ILogger logger, string month);

        [LoggerMessage(3, LogLevel.Information, "{Month} is being read, so its retention waits for the next round", EventName = "UsageMonthBusy")]
        public static partial void Busy(ILogger logger, string month);
    }
}
