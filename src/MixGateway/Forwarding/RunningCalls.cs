using System.Collections.Concurrent;

namespace MixGateway.Forwarding;

/// <summary>
/// The calls that run in this process. When the gateway stops, new calls are refused, the running ones may end for
/// <c>ShutdownTimeout</c>, and what is left then is cut off and billed as a caller's hang-up is.
/// </summary>
internal sealed class RunningCalls : IDisposable
{
    private readonly ConcurrentDictionary<Guid, Call> _calls = new();
    private readonly CancellationTokenRegistration _stopping;
    private readonly TimeSpan _shutdownTimeout;
    private readonly TimeProvider _time;
    private ITimer? _deadline;

    public RunningCalls(TimeSpan shutdownTimeout, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        _shutdownTimeout = shutdownTimeout;
        _time = time;
        _stopping = lifetime.ApplicationStopping.Register(OnStopping);
    }

    public bool Stopping { get; private set; }

    public int Count => _calls.Count;

    public IEnumerable<Call> All => _calls.Values;

    /// <summary>Stops a call of this process at once; false if it is not here, or has ended.</summary>
    public bool TryStop(Guid requestId)
    {
        if (!_calls.TryGetValue(requestId, out var call) || call.Recorded)
        {
            return false;
        }

        call.End(WatchReason.Stopped);
        return true;
    }

    public void Add(Call call) => _calls.TryAdd(call.Id.Value, call);

    public void Remove(Call call) => _calls.TryRemove(call.Id.Value, out _);

    public void Dispose()
    {
        _stopping.Dispose();
        _deadline?.Dispose();
    }

    private void OnStopping()
    {
        Stopping = true;
        _deadline = _time.CreateTimer(static state => ((RunningCalls)state!).CutOff(), this, _shutdownTimeout, Timeout.InfiniteTimeSpan);
    }

    private void CutOff()
    {
        foreach (var call in _calls.Values)
        {
            call.Context.Abort();
        }
    }
}
