using MixGateway.Storage;

namespace MixGateway.Authentication;

/// <summary>What came of reading a key.</summary>
/// <param name="Answered">False if it could not be found out now.</param>
/// <param name="Key">Null for a key that does not exist.</param>
internal readonly record struct KeyReading(bool Answered, StoredKey? Key);

/// <summary>
/// Reads keys from the database, many with one statement and one statement after another. So a flood of made-up keys costs the
/// database a bounded number of statements a second, and a good key that is used for the first time meanwhile waits for a few
/// of them: a budget that refuses beyond it could not tell the two apart and would refuse the good one too.
/// </summary>
internal sealed partial class KeyReader(KeyLookup lookup, TimeProvider time, ILogger<KeyReader> logger)
{
    /// <summary>Keys read with one statement.</summary>
    public const int BatchSize = 200;

    /// <summary>Keys that may wait to be read, about a second's worth; beyond them callers are told to come again.</summary>
    public const int MaxWaiting = 20_000;

    /// <summary>From the beginning of one statement to the next at least.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<KeyHash, TaskCompletionSource<KeyReading>> _waiting = [];
    private readonly Queue<KeyHash> _order = new();
    private bool _running;

    /// <summary>Reads a key as it is from now on: only a statement that has not begun is shared. A database that does not answer is no exception.</summary>
    public Task<KeyReading> ReadAsync(KeyHash hash)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(hash, out var waiting))
            {
                return waiting.Task;
            }

            if (_waiting.Count >= MaxWaiting)
            {
                return Task.FromResult(default(KeyReading));
            }

            waiting = new TaskCompletionSource<KeyReading>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(hash, waiting);
            _order.Enqueue(hash);
            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync);
            }

            return waiting.Task;
        }
    }

    private async Task RunAsync()
    {
        while (TakeBatch() is { Count: > 0 } batch)
        {
            var began = time.GetTimestamp();
            await TryReadAsync(batch);
            var early = Pace - time.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, time);
            }
        }
    }

    private Dictionary<KeyHash, TaskCompletionSource<KeyReading>> TakeBatch()
    {
        lock (_lock)
        {
            var batch = new Dictionary<KeyHash, TaskCompletionSource<KeyReading>>(Math.Min(BatchSize, _order.Count));
            while (batch.Count < BatchSize && _order.TryDequeue(out var hash))
            {
                _waiting.Remove(hash, out var waiting);
                batch.Add(hash, waiting!);
            }

            _running = batch.Count > 0;
            return batch;
        }
    }

    /// <summary>A mistake is told to those who wait for this batch, and the others are read all the same.</summary>
    private async Task TryReadAsync(Dictionary<KeyHash, TaskCompletionSource<KeyReading>> batch)
    {
        try
        {
            await ReadAsync(batch);
        }
        catch (Exception mistake)
        {
            foreach (var waiting in batch.Values)
            {
                waiting.TrySetException(mistake);
            }
        }
    }

    private async Task ReadAsync(Dictionary<KeyHash, TaskCompletionSource<KeyReading>> batch)
    {
        var answered = true;
        try
        {
            foreach (var key in await lookup.FindAsync([.. batch.Keys.Select(static hash => hash.ToArray())]))
            {
                batch[KeyHash.Read(key.Row.Sha256)].SetResult(new KeyReading(true, key));
            }
        }
        catch (Exception away) when (DatabaseFault.IsAway(away))
        {
            answered = false;
            Log.DatabaseDown(logger, away, batch.Count);
        }

        var rest = new KeyReading(answered, null);
        foreach (var waiting in batch.Values)
        {
            waiting.TrySetResult(rest);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Count} keys could not be read because the database does not answer", EventName = nameof(DatabaseDown))]
        public static partial void DatabaseDown(ILogger logger, Exception exception, int count);
    }
}
