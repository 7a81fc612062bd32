using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A caller at the socket: it sends what it likes, reads as slowly as it likes and leaves when it likes.</summary>
internal sealed class RawCaller : IDisposable
{
    private const int BufferSize = 16 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly MemoryStream _received = new();
    private readonly byte[] _buffer = new byte[BufferSize];

    /// <summary>All that was received, head and framing included. A copy each time: answers of many MB are counted in instead.</summary>
    public string Received => Encoding.Latin1.GetString(Bytes);

    public long Length => _received.Length;

    private ReadOnlySpan<byte> Bytes => _received.GetBuffer().AsSpan(0, (int)_received.Length);

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

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes);

    /// <summary>Reads at most so many bytes; false at the end of the connection.</summary>
    public async Task<bool> ReadAsync(int length = BufferSize)
    {
        using var limit = new CancellationTokenSource(Patience);
        var read = await _socket.ReceiveAsync(_buffer.AsMemory(0, Math.Min(length, BufferSize)), limit.Token);
        _received.Write(_buffer, 0, read);
        return read > 0;
    }

    /// <summary>Reads until the text was received so many times.</summary>
    public async Task ReadUntilAsync(string text, int times = 1)
    {
        // What was looked through once is not looked through again: an answer may have many MB, and comes in small pieces.
        var (found, from) = (0, 0);
        while (true)
        {
            found += Count(text, ref from);
            if (found >= times)
            {
                return;
            }

            if (!await ReadAsync())
            {
                throw new InvalidOperationException($"The connection should go on until '{text}' came {times} times, but there was: {Received}");
            }
        }
    }

    public async Task ReadToEndAsync()
    {
        while (await ReadAsync())
        {
        }
    }

    public int Count(string text)
    {
        var from = 0;
        return Count(text, ref from);
    }

    /// <param name="from">Where to begin; then where the next look has to begin.</param>
    private int Count(string text, ref int from)
    {
        var sought = Encoding.Latin1.GetBytes(text);
        var count = 0;
        for (int at; (at = Bytes[from..].IndexOf(sought)) >= 0; from += at + sought.Length)
        {
            count++;
        }

        from = Math.Max(from, Bytes.Length - sought.Length + 1);
        return count;
    }

    /// <summary>Leaves as a killed process does: with a reset.</summary>
    public void Leave()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _received.Dispose();
    }
}
