namespace MixGateway.Forwarding;

/// <summary>When what happened to a call, so that the gateway's own time can be told from the provider's and the caller's.</summary>
internal struct CallTimes(TimeProvider time)
{
    private long _bodyRead;
    private long _waitingSince;
    private long _firstSent;
    private long _providerEnded;
    private TimeSpan _waited;

    /// <summary>From the caller's last byte to ours, less the time that providers took until the first byte to pass on; null if nothing was sent.</summary>
    public readonly TimeSpan? FirstByteOverhead => _firstSent == 0 ? null : time.GetElapsedTime(_bodyRead, _firstSent) - _waited;

    /// <summary>From the provider's last byte until now; null if the provider's answer did not end.</summary>
    public readonly TimeSpan? EndOverhead => _providerEnded == 0 ? null : time.GetElapsedTime(_providerEnded);

    /// <summary>The caller's body is here whole.</summary>
    public void BodyRead() => _bodyRead = time.GetTimestamp();

    /// <summary>From here on the provider is waited for.</summary>
    public void WaitBegins() => _waitingSince = time.GetTimestamp();

    /// <summary>There is something to pass on, or the attempt is over. Nothing if nobody waits.</summary>
    public void WaitEnds()
    {
        if (_waitingSince != 0)
        {
            _waited += time.GetElapsedTime(_waitingSince);
            _waitingSince = 0;
        }
    }

    /// <summary>Something went to the caller; the first time counts.</summary>
    public void Sent()
    {
        if (_firstSent == 0)
        {
            _firstSent = time.GetTimestamp();
        }
    }

    /// <summary>The provider's answer is here whole.</summary>
    public void ProviderEnded()
    {
        WaitEnds();
        _providerEnded = time.GetTimestamp();
    }
}
