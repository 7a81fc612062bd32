namespace MixGateway.Quotas;

/// <summary>
/// Finds out why a store does not answer, beside the looks at it: a trial takes up to its time-out, and nobody may notice later that the
/// store is back. The first time it is waited for, so that the first line in the log has the reason.
/// </summary>
internal sealed class HotStoreDiagnosis(Func<Task<string?>> trial, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private Task<string?>? _running;
    private string? _why;
    private long _endedAt;

    /// <summary>The reason as last found out; null if there is none to be found.</summary>
    public async Task<string?> WhyAsync()
    {
        if (_running is null && (_endedAt == 0 || time.GetElapsedTime(_endedAt) >= Interval))
        {
            _running = trial();
            if (_endedAt == 0)
            {
                await ((Task)_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        if (_running is { IsCompleted: true } ended)
        {
            (_running, _endedAt) = (null, time.GetTimestamp());
            _why = ended.IsCompletedSuccessfully ? await ended.ConfigureAwait(false) : null;
        }

        return _why;
    }

    /// <summary>The store answers: the next silence has a reason of its own.</summary>
    public void Forget() => (_why, _endedAt) = (null, 0);
}
