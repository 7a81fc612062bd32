using System.Security.Cryptography.X509Certificates;

namespace MixGateway.Simulator;

/// <summary>How a simulator is started. Every default suits a test.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Port of the HTTP/1.1 endpoint on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Port of the HTTP/2 endpoint (clear text, prior knowledge) on 127.0.0.1; 0 takes a free one.</summary>
    public int Http2Port { get; init; }

    /// <summary>Port of the TLS endpoint on 127.0.0.1; 0 takes a free one.</summary>
    public int TlsPort { get; init; }

    /// <summary>The TLS endpoint's certificate, with its key; without one there is no TLS endpoint.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// After so many requests a connection is wound down: GOAWAY on HTTP/2, <c>Connection: close</c> on HTTP/1.1; 0 never does that.
    /// </summary>
    public int RequestsPerConnection { get; init; }

    /// <summary>How many of the last requests are kept whole, headers and body; 0 keeps none, which is the cheapest.</summary>
    public int RecordedRequests { get; init; } = 64;

    /// <summary>The clock of every scripted pause and of <c>created</c>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
