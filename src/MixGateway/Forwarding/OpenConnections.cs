using Microsoft.AspNetCore.Connections;

namespace MixGateway.Forwarding;

/// <summary>Counts the connections that the server has, kept ones among them.</summary>
internal sealed class OpenConnections
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>A step of the server's own pipeline, before TLS.</summary>
    public ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        Interlocked.Increment(ref _count);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    };
}
