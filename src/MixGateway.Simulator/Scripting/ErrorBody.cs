namespace MixGateway.Simulator.Scripting;

/// <summary>What the body of a scripted error is.</summary>
internal enum ErrorBody
{
    /// <summary>OpenAI's error object.</summary>
    OpenAI,

    /// <summary>A proxy's HTML page.</summary>
    Html,

    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>OpenAI's error object whose message repeats the credential of the request.</summary>
    Leak,
}
