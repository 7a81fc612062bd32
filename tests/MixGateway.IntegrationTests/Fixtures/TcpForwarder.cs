using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>One address for a server that may be replaced by another, as a virtual address or a service's name is.</summary>
internal sealed class TcpForwarder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly Task _accepting;
    private volatile int _port;

    /// <param name="port">Of the first server.</param>
    public TcpForwarder(int port)
    {
        _port = port;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>From now on another server has the address; connections to the one before break.</summary>
    public void SwitchTo(int port)
    {
        _port = port;
        foreach (var socket in _open.Keys)
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting;
        SwitchTo(0);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stopped.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var ours = client;
        using var theirs = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        _open[ours] = true;
        _open[theirs] = true;
        try
        {
            await theirs.ConnectAsync(IPAddress.Loopback, _port);
            await Task.WhenAny(PumpAsync(ours, theirs), PumpAsync(theirs, ours));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The server is not there, or not any more: the client sees its connection close.
        }
        finally
        {
            _open.TryRemove(ours, out _);
            _open.TryRemove(theirs, out _);
        }
    }

    /// <summary>Copies one direction; its end is the end of both.</summary>
    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
            {
                await to.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Either end is gone, and the other goes with it.
        }
    }
}
