using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace MixGateway.Simulator.Wire;

/// <summary>Ends connections the way that failing providers do.</summary>
internal static class BrokenConnection
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(2);

    /// <summary>HTTP/2 offers no sign that a stream's frames are out; its reset would overtake them.</summary>
    private static readonly TimeSpan FramesLeave = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Breaks off after what was written. On HTTP/1.1 the bytes are delivered, then the connection closes in the middle of the body;
    /// on HTTP/2 the stream is reset.
    /// </summary>
    public static async Task BreakAsync(HttpContext context)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            await Pause(FramesLeave, context.RequestAborted);
        }
        else if (context.Features.Get<IConnectionTransportFeature>() is { } connection)
        {
            // Abort alone drops what the socket has not taken yet. Completing the transport's output lets it send the rest and close.
            await connection.Transport.Output.CompleteAsync();
            await Pause(LongestDrain, context.RequestAborted);
        }

        context.Abort();
    }

    /// <summary>Closes with a TCP reset, so that the peer sees an error rather than an end. On HTTP/2 the stream is reset.</summary>
    public static void Reset(HttpContext context)
    {
        if (!HttpProtocol.IsHttp2(context.Request.Protocol) && context.Features.Get<IConnectionSocketFeature>() is { } connection)
        {
            connection.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
            connection.Socket.Close();
        }

        context.Abort();
    }

    private static async Task Pause(TimeSpan pause, CancellationToken ended)
    {
        await Task.Delay(pause, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
