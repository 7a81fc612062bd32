namespace MixGateway.Simulator;

/// <summary>How a call ended. Each counted call ends in exactly one of these ways.</summary>
internal enum CallEnd
{
    /// <summary>The whole answer was written.</summary>
    Completed,

    /// <summary>An error was answered, as a status or as an event of a stream.</summary>
    Failed,

    /// <summary>The simulator broke the connection on purpose.</summary>
    Cut,

    /// <summary>The caller left before the end.</summary>
    Aborted,
}
