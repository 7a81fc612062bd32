using System.Collections.Concurrent;
using System.Data.Common;
using MixGateway.Administration;
using MixGateway.Routing;
using MixGateway.Storage;

namespace MixGateway.Authentication;

/// <summary>
/// Key hash to caller, in bounded memory. The first use of a key reads the database once, however many calls ask at the
/// same time; from then on what is known is used and read anew in the background when it is older than
/// <see cref="FreshFor"/>, or at once when this process itself changed it.
/// </summary>
internal sealed partial class CallerDirectory(KeyLookup lookup, TimeProvider time, ILogger<CallerDirectory> logger)
    : IKeyObserver
{
    /// <summary>So long another replica's change may stay unseen.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>Known and unknown keys together; about 60 MB when full.</summary>
    public const int Capacity = 100_000;

    private readonly TimeProvider _time = time;
    private readonly ConcurrentDictionary<KeyHash, Entry> _entries = new();

    /// <summary>The caller of a key; null if there is no such key.</summary>
    /// <exception cref="DbException">The key is not known here and the database does not answer.</exception>
    public ValueTask<Caller?> FindAsync(KeyHash hash)
    {
        if (_entries.TryGetValue(hash, out var entry) && entry.Loading.IsCompletedSuccessfully)
        {
            if (_time.GetElapsedTime(entry.LoadedAt) > FreshFor && entry.TryBeginRefresh())
            {
                _ = RefreshAsync(hash, entry);
            }

            return new ValueTask<Caller?>(entry.Loading.Result);
        }

        return LoadFirstAsync(hash);
    }

    /// <inheritdoc/>
    public void OnKeyChanged(Guid keyId, KeyHash hash) => _entries.TryRemove(hash, out _);

    /// <inheritdoc/>
    public void OnAccountChanged(Guid accountId)
    {
        // Nothing of an account is kept here: the hot store is told, and asked.
    }

    private async ValueTask<Caller?> LoadFirstAsync(KeyHash hash)
    {
        if (_entries.Count >= Capacity)
        {
            // A flood of made-up keys is the only way here; those who really call are read again once.
            _entries.Clear();
        }

        var entry = _entries.GetOrAdd(hash, static (key, directory) => new Entry(directory, key), this);
        try
        {
            return await entry.Loading;
        }
        finally
        {
            if (!entry.Loading.IsCompletedSuccessfully)
            {
                // A read that failed is nobody's answer: the next call asks again.
                _entries.TryRemove(KeyValuePair.Create(hash, entry));
            }
        }
    }

    private async Task RefreshAsync(KeyHash hash, Entry entry)
    {
        try
        {
            var fresh = await ReadAsync(hash);
            _entries.TryUpdate(hash, new Entry(fresh, _time.GetTimestamp()), entry);
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            // What is known stays in use while the database is away; calls that move money are refused elsewhere then.
            entry.EndRefresh();
            Log.RefreshFailed(logger, e);
        }
    }

    private async Task<Caller?> ReadAsync(KeyHash hash)
    {
        if (await lookup.FindAsync(hash.ToArray(), CancellationToken.None) is not { } stored)
        {
            return null;
        }

        return new Caller(
            stored.Id,
            stored.AccountId,
            stored.Status == ApiKeyStatus.Revoked,
            ModelPatterns.Parse(stored.AllowedModels),
            AddressRules.Parse(stored.AllowedAddresses));
    }

    /// <summary>One key's answer, or the read that will give it.</summary>
    private sealed class Entry
    {
        private readonly Lazy<Task<Caller?>> _loading;
        private int _refreshing;

        public Entry(CallerDirectory directory, KeyHash hash) => _loading = new(() => LoadAsync(directory, hash));

        public Entry(Caller? caller, long loadedAt)
        {
            _loading = new(Task.FromResult(caller));
            LoadedAt = loadedAt;
        }

        public Task<Caller?> Loading => _loading.Value;

        /// <summary>Read only after <see cref="Loading"/> is done.</summary>
        public long LoadedAt { get; private set; }

        public bool TryBeginRefresh() => Interlocked.Exchange(ref _refreshing, 1) == 0;

        public void EndRefresh() => Interlocked.Exchange(ref _refreshing, 0);

        private async Task<Caller?> LoadAsync(CallerDirectory directory, KeyHash hash)
        {
            var caller = await directory.ReadAsync(hash);
            LoadedAt = directory._time.GetTimestamp();
            return caller;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A key could not be read anew; what is known of it stays in use", EventName = nameof(RefreshFailed))]
        public static partial void RefreshFailed(ILogger logger, Exception exception);
    }
}
