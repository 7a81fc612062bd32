using System.Collections.Concurrent;

namespace MixGateway.Forwarding;

/// <summary>
/// The calls that run in this process. When the gateway stops, new calls are refused, the running ones may end for
/// <c>ShutdownTimeout</c>, and what is left then is cut off and billed as a caller's hang-up is. <see cref="Shutdown"/> says when.
/// </summary>
internal sealed partial class RunningCalls(ShutdownTimes times, TimeProvider time, ILogger<RunningCalls> logger) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, Call> _calls = new();
    private readonly Lock _refusing = new();
    private ITimer? _deadline;

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

    /// <summary>From here on nobody touches the call's context, which the server uses for other requests.</summary>
    public void Remove(Call call)
    {
        // A cut-off that has begun ends first.
        lock (call)
        {
            _calls.TryRemove(call.Id.Value, out _);
        }
    }

    /// <summary>From now on new calls are refused, and the running ones have <see cref="ShutdownTimes.Timeout"/>.</summary>
    public void RefuseNew()
    {
        lock (_refusing)
        {
            Stopping = true;
            _deadline ??= time.CreateTimer(static state => ((RunningCalls)state!).CutOff(), this, times.Timeout, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _deadline?.Dispose();

    private void CutOff()
    {
        foreach (var call in _calls.Values)
        {
            // The call may have ended since it was listed, and its context may serve another request: only one that is still here is cut off.
            lock (call)
            {
                if (_calls.ContainsKey(call.Id.Value))
                {
                    Abort(call);
                }
            }
        }
    }

    /// <summary>Runs on a timer, where what is thrown ends the process, and one call's mistake must not keep the others running.</summary>
    private void Abort(Call call)
    {
        try
        {
            // Not as a hang-up, after which a provider is read on: there is no time for that.
            call.End(WatchReason.CallerLeft);
            call.Context.Abort();
        }
        catch (Exception exception)
        {
            Log.NotCutOff(logger, exception, call.Id.Value);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Call {RequestId} could not be cut off when the gateway stopped", EventName = "CallNotCutOff")]
        public static partial void NotCutOff(ILogger logger, Exception exception, Guid requestId);
    }
}
