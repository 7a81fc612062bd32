using System.Collections.Concurrent;

namespace MixGateway.Simulator;

/// <summary>
/// What a simulator has seen so far; safe to read while calls run. A call is a POST under <c>/v1</c>, and
/// <see cref="Calls"/> = <see cref="Completions"/> + <see cref="Failures"/> + <see cref="Cuts"/> + <see cref="Aborts"/> + <see cref="InFlight"/>.
/// </summary>
public sealed class SimulatorState
{
    private readonly int _recordedRequests;
    private readonly Queue<ReceivedRequest> _requests = new();
    private readonly ConcurrentDictionary<string, Counter> _models = new(StringComparer.Ordinal);
    private TaskCompletionSource? _changed;
    private long _calls;
    private long _completions;
    private long _failures;
    private long _cuts;
    private long _aborts;
    private long _inFlight;

    /// <param name="recordedRequests">How many of the last requests are kept; 0 keeps none.</param>
    public SimulatorState(int recordedRequests = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(recordedRequests);
        _recordedRequests = recordedRequests;
    }

    /// <summary>Calls that arrived.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Answers, other than errors, that were sent to their end.</summary>
    public long Completions => Interlocked.Read(ref _completions);

    /// <summary>Errors that were sent to their end, as a status or as the last event of a stream.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Connections that the simulator broke because the script said so.</summary>
    public long Cuts => Interlocked.Read(ref _cuts);

    /// <summary>Calls whose caller left before the end.</summary>
    public long Aborts => Interlocked.Read(ref _aborts);

    /// <summary>Calls that are running.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    /// <summary>Calls by the model's id as it was sent; a copy.</summary>
    public IReadOnlyDictionary<string, long> CallsByModel =>
        _models.ToDictionary(model => model.Key, model => Interlocked.Read(ref model.Value.Count), StringComparer.Ordinal);

    /// <summary>The last requests under <c>/v1</c>, oldest first; a copy.</summary>
    public IReadOnlyList<ReceivedRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>The newest request.</summary>
    /// <exception cref="InvalidOperationException">None was recorded.</exception>
    public ReceivedRequest LastRequest
    {
        get
        {
            lock (_requests)
            {
                return _requests.Count > 0 ? _requests.Last() : throw new InvalidOperationException("The simulator has recorded no request.");
            }
        }
    }

    /// <summary>Calls of this exact model id.</summary>
    public long CallsOf(string model) => _models.TryGetValue(model, out Counter? box) ? Interlocked.Read(ref box.Count) : 0;

    /// <summary>Waits until the condition holds; it is tried now and after every change.</summary>
    /// <param name="timeout">Real time, whatever clock the scripts run on.</param>
    /// <exception cref="TimeoutException">The condition did not hold in time; the message says what the counters were.</exception>
    public async Task WaitForAsync(Func<SimulatorState, bool> condition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        while (true)
        {
            // Taken before the condition is tried, so that no change between the two is missed.
            Task changed = NextChange();
            if (condition(this))
            {
                return;
            }

            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"The simulator did not reach the awaited state within {timeout.TotalSeconds} s: {this}");
            }
        }
    }

    /// <summary>Sets the counters to zero and forgets requests; running calls stay in <see cref="InFlight"/> and are counted again as calls.</summary>
    public void Reset()
    {
        Interlocked.Exchange(ref _calls, InFlight);
        Interlocked.Exchange(ref _completions, 0);
        Interlocked.Exchange(ref _failures, 0);
        Interlocked.Exchange(ref _cuts, 0);
        Interlocked.Exchange(ref _aborts, 0);
        _models.Clear();
        lock (_requests)
        {
            _requests.Clear();
        }

        Changed();
    }

    public override string ToString() =>
        $"calls {Calls}, completions {Completions}, failures {Failures}, cuts {Cuts}, aborts {Aborts}, in flight {InFlight}";

    /// <summary>Counts an arrival.</summary>
    internal void Begin()
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Increment(ref _calls);
        Changed();
    }

    /// <summary>Counts a call of a model; the first one is 1.</summary>
    internal long BeginModel(string model)
    {
        long count = Interlocked.Increment(ref _models.GetOrAdd(model, static _ => new Counter()).Count);
        Changed();
        return count;
    }

    internal void End(CallEnd end)
    {
        switch (end)
        {
            case CallEnd.Completed:
                Interlocked.Increment(ref _completions);
                break;
            case CallEnd.Failed:
                Interlocked.Increment(ref _failures);
                break;
            case CallEnd.Cut:
                Interlocked.Increment(ref _cuts);
                break;
            default:
                Interlocked.Increment(ref _aborts);
                break;
        }

        Interlocked.Decrement(ref _inFlight);
        Changed();
    }

    internal void Record(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        if (_recordedRequests == 0)
        {
            return;
        }

        var received = ReceivedRequest.From(request, body);
        lock (_requests)
        {
            if (_requests.Count == _recordedRequests)
            {
                _requests.Dequeue();
            }

            _requests.Enqueue(received);
        }

        Changed();
    }

    private Task NextChange()
    {
        TaskCompletionSource? current = Volatile.Read(ref _changed);
        if (current is not null)
        {
            return current.Task;
        }

        var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _changed, created, null) ?? created).Task;
    }

    private void Changed()
    {
        // A waiter publishes its signal and then reads; a change is written and then looks for a signal. Neither may pass the other.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _changed) is not null)
        {
            Interlocked.Exchange(ref _changed, null)?.TrySetResult();
        }
    }

    private sealed class Counter
    {
        public long Count;
    }
}
