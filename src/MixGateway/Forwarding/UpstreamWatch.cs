using MixGateway.Catalog;

namespace MixGateway.Forwarding;

/// <summary>Why an attempt was ended before the provider ended it.</summary>
internal enum WatchReason
{
    None,
    CallerLeft,
    FirstByteTimeout,
    IdleTimeout,
    TotalTimeout,

    /// <summary>An administrator stopped the call.</summary>
    Stopped,

    /// <summary>The account was suspended.</summary>
    Suspended,

    /// <summary>This gateway was silent for so long that the call was taken for dead and billed.</summary>
    Abandoned,
}

/// <summary>
/// Watches one attempt: the provider's time-outs and the caller's hang-up. One timer that re-arms itself, so that a read
/// costs one store and no timer operation.
/// </summary>
internal sealed class UpstreamWatch : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Provider _provider;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _callerLeft;
    private readonly long _totalDue;
    private long _due;
    private long _drainDue = long.MaxValue;
    private int _dueReason = (int)WatchReason.FirstByteTimeout;
    private int _reason;
    private volatile bool _drains;
    private volatile bool _callerGone;

    /// <param name="startedAt">When the first attempt of the call began: the total time counts from there.</param>
    public UpstreamWatch(Provider provider, TimeProvider time, long startedAt, CancellationToken requestAborted)
    {
        _provider = provider;
        _time = time;
        var now = time.GetTimestamp();
        _totalDue = startedAt + Ticks(provider.TotalTimeout);
        _due = now + Ticks(provider.FirstByteTimeout);
        _timer = time.CreateTimer(static state => ((UpstreamWatch)state!).OnTimer(), this, Until(now), Timeout.InfiniteTimeSpan);
        _callerLeft = requestAborted.UnsafeRegister(static state => ((UpstreamWatch)state!).OnCallerLeft(), this);
    }

    /// <summary>Cancelled when the attempt has to end; <see cref="Reason"/> says why.</summary>
    public CancellationToken Token => _cancellation.Token;

    public WatchReason Reason => (WatchReason)Volatile.Read(ref _reason);

    /// <summary>True once the caller hung up, even if the rest of the answer is still read for its usage.</summary>
    public bool CallerGone => _callerGone;

    /// <summary>From now on a caller who leaves does not end the attempt: the rest is read for at most the provider's DrainTimeout.</summary>
    public void DrainWhenCallerLeaves() => _drains = true;

    /// <summary>The provider sent something: the idle time starts anew. The first call turns the first-byte time-out into the idle one.</summary>
    public void OnRead()
    {
        SetDue(_time.GetTimestamp() + Ticks(_provider.IdleTimeout));
        if (_dueReason == (int)WatchReason.FirstByteTimeout)
        {
            Volatile.Write(ref _dueReason, (int)WatchReason.IdleTimeout);
            Arm();
        }
    }

    /// <summary>We are busy, not the provider: while a slow caller is being written to, only the total time counts.</summary>
    public void Suspend() => SetDue(long.MaxValue);

    /// <summary>Ends the attempt; the first reason stays.</summary>
    public void End(WatchReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)WatchReason.None) != (int)WatchReason.None)
        {
            return;
        }

        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt ended by itself at this very moment: there is nothing left to cancel.
        }
    }

    public void Dispose()
    {
        _callerLeft.Dispose();
        _timer.Dispose();
        _cancellation.Dispose();
    }

    /// <summary>Once the caller is gone the drain's end is the only due time, also if it was set while this one was.</summary>
    private void SetDue(long due)
    {
        Interlocked.Exchange(ref _due, due);
        if (_callerGone)
        {
            Volatile.Write(ref _due, Volatile.Read(ref _drainDue));
        }
    }

    private void OnCallerLeft()
    {
        Volatile.Write(ref _drainDue, _time.GetTimestamp() + Ticks(_provider.DrainTimeout));
        _callerGone = true;
        if (_drains)
        {
            Interlocked.Exchange(ref _due, Volatile.Read(ref _drainDue));
            Arm();
        }
        else
        {
            End(WatchReason.CallerLeft);
        }
    }

    private void OnTimer()
    {
        var now = _time.GetTimestamp();
        if (now >= _totalDue)
        {
            End(WatchReason.TotalTimeout);
        }
        else if (now >= Volatile.Read(ref _due))
        {
            End(_callerGone ? WatchReason.CallerLeft : (WatchReason)Volatile.Read(ref _dueReason));
        }
        else
        {
            Arm();
        }
    }

    private void Arm() => _timer.Change(Until(_time.GetTimestamp()), Timeout.InfiniteTimeSpan);

    /// <summary>
    /// At least a millisecond, so that a due time in the past fires once and does not spin; at most the idle time, so that
    /// the due time after <see cref="Suspend"/> is never slept through.
    /// </summary>
    private TimeSpan Until(long now)
    {
        var due = Math.Min(Math.Min(Volatile.Read(ref _due), _totalDue), now + Ticks(_provider.IdleTimeout));
        var left = _time.GetElapsedTime(now, due);
        return left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
