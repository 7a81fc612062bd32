namespace MixGateway.Simulator;

/// <summary>One call's place in the counters. Its end is counted before the last bytes go out or the connection breaks, so whoever has seen the end also finds it counted.</summary>
internal sealed class CountedCall
{
    private readonly SimulatorState _state;
    private int _isEnded;

    public CountedCall(SimulatorState state)
    {
        _state = state;
        state.Begin();
    }

    /// <summary>Counts the end; only the first one counts.</summary>
    public void End(CallEnd end)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
        {
            _state.End(end);
        }
    }
}
