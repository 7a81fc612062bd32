using MixGateway.Administration;
using MixGateway.Quotas;
using MixGateway.Routing;
using MixGateway.Storage;

namespace MixGateway.Authentication;

/// <summary>
/// Key hash to caller, in bounded memory. The first use of a key reads the database; from then on what is known is used until the
/// hot store says that there is something newer (<see cref="CallerCheck"/>). That there is no such key is remembered too: a key's
/// secret is first shown after the key is there, so nobody but a guesser can have asked for it before.
/// </summary>
internal sealed class CallerDirectory(KeyReader reader, TimeProvider time) : IKeyObserver
{
    /// <summary>Known keys, and as many unknown ones apart from them; about 60 MB when full.</summary>
    public const int Capacity = 100_000;

    /// <summary>So long a key that does not exist is not looked for again.</summary>
    public static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(60);

    /// <summary>
    /// What is in use is refreshed in the background this often. Not needed for a change that was answered: it is for a hot store that
    /// lost one, in a failover.
    /// </summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(10);

    private readonly RecentEntries<Entry> _known = new(Capacity);
    private readonly RecentEntries<long> _unknown = new(Capacity);

    /// <summary>The caller of a key, or why there is none: 401 for no such key and a revoked one, 503 if that cannot be found out.</summary>
    public ValueTask<CallerAnswer> FindAsync(KeyHash hash)
    {
        if (_known.TryGet(hash, out var entry))
        {
            if (entry.TryBeginRefresh(time))
            {
                _ = ReadAsync(hash);
            }

            return new ValueTask<CallerAnswer>(CallerAnswer.Of(entry.Caller));
        }

        return _unknown.TryGet(hash, out var since) && time.GetElapsedTime(since) < UnknownFor
            ? new ValueTask<CallerAnswer>(CallerAnswer.Unknown)
            : new ValueTask<CallerAnswer>(ReadAsync(hash));
    }

    /// <summary>The caller as of a version or a later one.</summary>
    /// <param name="version">Of a state that the database has committed.</param>
    public ValueTask<CallerAnswer> RenewAsync(KeyHash hash, long version) => _known.TryGet(hash, out var entry) && entry.Caller.Version.AsOf >= version
        ? new ValueTask<CallerAnswer>(CallerAnswer.Of(entry.Caller))
        : new ValueTask<CallerAnswer>(ReadAsync(hash));

    /// <inheritdoc/>
    public void OnKeyChanged(Guid keyId, KeyHash hash)
    {
        _known.Remove(hash);
        _unknown.Remove(hash);
    }

    /// <inheritdoc/>
    public void OnAccountChanged(Guid accountId)
    {
        // Nothing of an account is kept here: the hot store is told, and asked.
    }

    private async Task<CallerAnswer> ReadAsync(KeyHash hash)
    {
        var reading = await reader.ReadAsync(hash);
        if (!reading.Answered)
        {
            return CallerAnswer.Unavailable;
        }

        if (reading.Key is not { } stored)
        {
            _unknown.Set(hash, time.GetTimestamp());
            return CallerAnswer.Unknown;
        }

        var caller = CallerOf(hash, stored);

        // A read that was overtaken by another is old news; should it win all the same, the hot store tells.
        if (!_known.TryGet(hash, out var entry) || entry.Caller.Version.AsOf <= caller.Version.AsOf)
        {
            _known.Set(hash, new Entry(caller, time));
        }

        return CallerAnswer.Of(caller);
    }

    private static Caller CallerOf(KeyHash hash, StoredKey stored)
    {
        var row = stored.Row;
        return new Caller(
            row.Id,
            row.AccountId,
            hash,
            new KeyVersion(row.ChangedVersion, stored.AccountVersion),
            row.Status == ApiKeyStatus.Revoked,
            ModelPatterns.Parse(row.AllowedModels),
            AddressRules.Parse(row.AllowedAddresses));
    }

    private sealed class Entry(Caller caller, TimeProvider time)
    {
        private long _readAt = time.GetTimestamp();

        public Caller Caller => caller;

        /// <summary>True for one asker a period, also if the read then fails.</summary>
        public bool TryBeginRefresh(TimeProvider time)
        {
            var readAt = Volatile.Read(ref _readAt);
            return time.GetElapsedTime(readAt) > RefreshAfter && Interlocked.CompareExchange(ref _readAt, time.GetTimestamp(), readAt) == readAt;
        }
    }
}
