using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A caller at the socket: it sends what it likes, reads as slowly as it likes and leaves when it likes.</summary>
internal sealed class RawCaller : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly StringBuilder _received = new();

    /// <summary>All that was received, head and framing included.</summary>
    public string Received => _received.ToString();

    /// <param name="receiveBuffer">Bytes that the system may keep for this caller; small, so that a caller who does not read is felt by the sender.</param>
    public static async Task<RawCaller> ConnectAsync(TestGateway gateway, int? receiveBuffer = null)
    {
        var caller = new RawCaller();
        if (receiveBuffer is { } size)
        {
            caller._socket.ReceiveBufferSize = size;
        }

        await caller._socket.ConnectAsync(IPAddress.Loopback, gateway.Address.Port);
        return caller;
    }

    public static async Task<RawCaller> PostAsync(TestAccount account, string body, int? receiveBuffer = null)
    {
        var caller = await ConnectAsync(account.Gateway, receiveBuffer);
        await caller.SendAsync(Head(account, Encoding.UTF8.GetByteCount(body)) + body);
        return caller;
    }

    public static string Head(TestAccount account, long contentLength) =>
        $"POST {Calls.ChatPath} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {account.Key}\r\nContent-Type: application/json\r\nContent-Length: {contentLength}\r\n\r\n";

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads at most so many bytes; false at the end of the connection.</summary>
    public async Task<bool> ReadAsync(int length = 16 * 1024)
    {
        using var limit = new CancellationTokenSource(Patience);
        var buffer = new byte[length];
        var read = await _socket.ReceiveAsync(buffer, limit.Token);
        _received.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return read > 0;
    }

    /// <summary>Reads until the text was received so many times.</summary>
    public async Task ReadUntilAsync(string text, int times = 1)
    {
        while (Count(text) < times)
        {
            (await ReadAsync()).Should().BeTrue("the connection should go on until '{0}' came {1} times, but there was: {2}", text, times, Received);
        }
    }

    public async Task ReadToEndAsync()
    {
        while (await ReadAsync())
        {
        }
    }

    public int Count(string text) => (Received.Length - Received.Replace(text, "", StringComparison.Ordinal).Length) / text.Length;

    /// <summary>Leaves as a killed process does: with a reset.</summary>
    public void Leave()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();
}
