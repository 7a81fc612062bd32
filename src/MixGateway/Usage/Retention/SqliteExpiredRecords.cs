using MixGateway.Storage;

namespace MixGateway.Usage.Retention;

/// <summary>Deletes old records from SQLite a few at a time, so that the books, which need the one writer there may be, get their turn.</summary>
internal sealed partial class SqliteExpiredRecords(SqliteDatabase database, TimeProvider time, ILogger<SqliteExpiredRecords> logger) : IExpiredRecords
{
    private const int Batch = 1000;

    private const string Delete =
        "DELETE FROM usage_records WHERE rowid IN (SELECT rowid FROM usage_records WHERE started_at < $before LIMIT $batch)";

    /// <summary>Between two batches.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public async Task<bool> ClearAsync(DateTime before, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = Delete;
        command.Parameters.AddWithValue("$before", before);
        command.Parameters.AddWithValue("$batch", Batch);
        var deleted = 0L;
        int last;
        while ((last = await command.ExecuteNonQueryAsync(cancellationToken)) == Batch)
        {
            deleted += last;
            await Task.Delay(Pause, time, cancellationToken);
        }

        if (deleted + last > 0)
        {
            Log.Deleted(logger, deleted + last, before);
        }

        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Deleted {Records} usage records from before {Before:u}", EventName = "UsageRecordsExpired")]
        public static partial void Deleted(ILogger logger, long records, DateTime before);
    }
}
