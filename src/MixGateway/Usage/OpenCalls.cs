using System.Threading.Channels;
using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.Usage;

/// <summary>A call that runs, as it is kept in the database.</summary>
internal readonly record struct OpenCall(Guid RequestId, Money Hold, ReadOnlyMemory<byte> Record);

/// <summary>What the table of open calls has to be told: rows to write, new or changed, and rows to remove. No call is in both.</summary>
internal sealed record OpenCallChanges(List<OpenCall> Opened, List<Guid> Closed)
{
    public bool IsEmpty => Opened.Count == 0 && Closed.Count == 0;

    /// <summary>The same in two parts, neither of them empty unless there is only one change.</summary>
    public (OpenCallChanges First, OpenCallChanges Second) Halve()
    {
        var half = (Opened.Count + Closed.Count) / 2;
        var opened = Math.Min(half, Opened.Count);
        var closed = half - opened;
        return (new(Opened[..opened], Closed[..closed]), new(Opened[opened..], Closed[closed..]));
    }
}

/// <summary>
/// The calls that run in this process, where the hot store is embedded and dies with it. Callers take note here and go on; a
/// writer brings what lasts into the database, so a call that is over before its turn never gets there.
/// </summary>
internal sealed class OpenCalls(IConfiguration configuration)
{
    private readonly bool _isKept = HotStoreConnection.IsEmbedded(configuration);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Entry> _calls = [];
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private HashSet<Guid> _dirty = [];
    private List<Guid> _closed = [];

    /// <param name="record">What is booked if the gateway dies now. Kept, so it must not change.</param>
    public void Open(Guid requestId, Money hold, ReadOnlyMemory<byte> record)
    {
        if (!_isKept)
        {
            return;
        }

        lock (_lock)
        {
            _calls[requestId] = new Entry(hold, record);
            MarkDirty(requestId);
        }
    }

    /// <summary>A call goes on, and has cost more.</summary>
    public void Beat(Guid requestId, ReadOnlyMemory<byte> record)
    {
        lock (_lock)
        {
            if (_calls.TryGetValue(requestId, out var entry))
            {
                entry.Record = record;
                MarkDirty(requestId);
            }
        }
    }

    /// <summary>A call is on the books, or nobody can book it.</summary>
    public void Close(Guid requestId)
    {
        lock (_lock)
        {
            if (!_calls.Remove(requestId, out var entry))
            {
                return;
            }

            _dirty.Remove(requestId);
            if (entry.IsWritten)
            {
                _closed.Add(requestId);
                Wake();
            }
        }
    }

    /// <summary>Waits until there may be something to write.</summary>
    public async Task ChangedAsync(CancellationToken cancellationToken) => await _changed.Reader.ReadAsync(cancellationToken);

    /// <summary>What is to be written now. Whoever takes it writes it, or gives it back.</summary>
    public OpenCallChanges Take()
    {
        lock (_lock)
        {
            var opened = new List<OpenCall>(_dirty.Count);
            foreach (var id in _dirty)
            {
                var entry = _calls[id];
                entry.IsWritten = true;
                opened.Add(new OpenCall(id, entry.Hold, entry.Record));
            }

            var changes = new OpenCallChanges(opened, _closed);
            _dirty = [];
            _closed = [];
            return changes;
        }
    }

    /// <summary>For changes that could not be written: they are due again, but for what has changed since.</summary>
    public void GiveBack(OpenCallChanges changes)
    {
        lock (_lock)
        {
            _closed.AddRange(changes.Closed);
            foreach (var call in changes.Opened)
            {
                if (_calls.ContainsKey(call.RequestId))
                {
                    MarkDirty(call.RequestId);
                }
            }

            Wake();
        }
    }

    private void MarkDirty(Guid requestId)
    {
        _dirty.Add(requestId);
        Wake();
    }

    private void Wake() => _changed.Writer.TryWrite(true);

    private sealed class Entry(Money hold, ReadOnlyMemory<byte> record)
    {
        public Money Hold => hold;

        public ReadOnlyMemory<byte> Record { get; set; } = record;

        /// <summary>True if the database may have a row of it.</summary>
        public bool IsWritten { get; set; }
    }
}
