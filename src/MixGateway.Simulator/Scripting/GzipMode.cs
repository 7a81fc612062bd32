namespace MixGateway.Simulator.Scripting;

/// <summary>When an answer is compressed.</summary>
internal enum GzipMode
{
    Never,

    /// <summary>If accept-encoding names gzip.</summary>
    IfAccepted,

    /// <summary>Whatever the caller accepts.</summary>
    Always,
}
