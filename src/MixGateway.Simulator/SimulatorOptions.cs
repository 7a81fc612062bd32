namespace MixGateway.Simulator;

/// <summary>How a simulator is started. Every default suits a test.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Port of the HTTP/1.1 endpoint on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Port of the HTTP/2 endpoint (clear text, prior knowledge) on 127.0.0.1; 0 takes a free one.</summary>
    public int Http2Port { get; init; }

    /// <summary>How many of the last requests are kept whole, headers and body; 0 keeps none, which is the cheapest.</summary>
    public int RecordedRequests { get; init; } = 64;

    /// <summary>The clock of every scripted pause and of <c>created</c>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
