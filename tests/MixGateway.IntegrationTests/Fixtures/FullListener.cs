using System.Net;
using System.Net.Sockets;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A port whose backlog is full: the system answers no more connection requests, as where packets are dropped.</summary>
internal sealed class FullListener : IDisposable
{
    private readonly Socket _listener;
    private readonly List<Socket> _waiting = [];

    /// <param name="port">0 for a free one.</param>
    public FullListener(IPAddress address, int port = 0)
    {
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address, port));
        _listener.Listen(1);
        for (var i = 0; i < 8; i++)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _waiting.Add(socket);
            try
            {
                socket.Connect(_listener.LocalEndPoint!);
            }
            catch (SocketException)
            {
                // In progress; it takes its place in the backlog, or waits for one for ever.
            }
        }
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose()
    {
        _waiting.ForEach(socket => socket.Dispose());
        _listener.Dispose();
    }
}
