using System.Net;
using System.Net.Sockets;

namespace MixGateway.Forwarding.Connections;

/// <summary>Names and connections, as the operating system gives them.</summary>
internal interface IUpstreamNetwork
{
    /// <returns>In the order in which the system prefers them.</returns>
    /// <exception cref="SocketException">The name is not known.</exception>
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);

    /// <exception cref="SocketException">Nobody listens there, or the address cannot be reached.</exception>
    Task<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken);
}

/// <summary>TCP connections that find out within about 15 s that their peer is gone, also while they wait for an answer.</summary>
internal sealed class UpstreamNetwork : IUpstreamNetwork
{
    /// <summary>Seconds of silence before the system asks the peer whether it is there.</summary>
    private const int KeepAliveTime = 10;

    /// <summary>Seconds between two questions.</summary>
    private const int KeepAliveInterval = 5;

    /// <summary>Unanswered questions that end the connection, where there is no user time-out.</summary>
    private const int KeepAliveRetries = 2;

    /// <summary>Milliseconds after which sent bytes without acknowledgement, or unanswered questions, end the connection (RFC 5482).</summary>
    private const int UserTimeout = 15_000;

    /// <summary>Of Linux's tcp.h; .NET has no names for them.</summary>
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;

    /// <inheritdoc/>
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        var isConnected = false;
        try
        {
            socket.NoDelay = true;
            WatchPeer(socket);
            await socket.ConnectAsync(address, cancellationToken);
            isConnected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        finally
        {
            if (!isConnected)
            {
                socket.Dispose();
            }
        }
    }

    private static void WatchPeer(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveTime);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveInterval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes(UserTimeout));
        }
    }
}
