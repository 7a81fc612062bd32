using System.Collections.Concurrent;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

/// <summary>A store in memory that can be taken down or held up.</summary>
internal sealed class FakeBookStore : IBookStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, BookedCharge> _booked = [];
    private TaskCompletionSource _open = NewGate(open: true);

    /// <summary>While true, everything fails.</summary>
    public volatile bool Down;

    /// <summary>Thrown for every group that holds such a record.</summary>
    public Func<UsageRecord, Exception?> Poison { get; set; } = static _ => null;

    /// <summary>What was put aside.</summary>
    public ConcurrentQueue<RejectedRecord> Rejected { get; } = [];

    /// <summary>Attempts so far, of probes too.</summary>
    public volatile int Attempts;

    /// <summary>Sizes of the groups that were begun, in order.</summary>
    public List<int> Groups { get; } = [];

    public int Booked
    {
        get
        {
            lock (_gate)
            {
                return _booked.Count;
            }
        }
    }

    /// <summary>Transactions begun from now on wait for <see cref="Release"/>.</summary>
    public void Hold() => _open = NewGate(open: false);

    public void Release() => _open.SetResult();

    public async Task<IBookTransaction> BeginAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        Groups.Add(records.Count);
        await _open.Task.WaitAsync(cancellationToken);
        await ProbeAsync(cancellationToken);
        foreach (var record in records)
        {
            if (Poison(record) is { } mistake)
            {
                throw mistake;
            }
        }

        lock (_gate)
        {
            var accounts = records.Select(record => record.AccountId).Distinct().ToDictionary(id => id, id => new AccountBalance(id, long.MaxValue, 1));
            return new Transaction(this, new BookState(accounts, new(_booked)));
        }
    }

    public async Task RejectAsync(RejectedRecord rejected, CancellationToken cancellationToken)
    {
        await ProbeAsync(cancellationToken);
        Rejected.Enqueue(rejected);
    }

    public Task ProbeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Attempts);
        return Down ? Task.FromException(new IOException("The database is down.")) : Task.CompletedTask;
    }

    private static TaskCompletionSource NewGate(bool open)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (open)
        {
            gate.SetResult();
        }

        return gate;
    }

    private sealed class Transaction(FakeBookStore store, BookState state) : IBookTransaction
    {
        public BookState State => state;

        public Task CommitAsync(Postings postings, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                foreach (var row in postings.Records)
                {
                    store._booked.Add(row.RequestId, state.Booked[row.RequestId]);
                }
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
