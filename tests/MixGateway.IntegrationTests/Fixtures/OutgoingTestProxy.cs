using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A proxy as companies have them: HTTP with and without tunnels, and SOCKS 5, each with or without a password.</summary>
internal sealed class OutgoingTestProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly Task _accepting;

    public OutgoingTestProxy()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Such as <c>user:password</c>; null takes everybody.</summary>
    public string? SignIn { get; init; }

    /// <summary>Answers every request with this status, instead of passing it on.</summary>
    public int? Refusal { get; init; }

    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>What it was asked for and passed on, or refused: <c>CONNECT host:port</c>, <c>POST http://…</c>, <c>SOCKS host:port</c>.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var socket in _open.Keys)
        {
            socket.Dispose();
        }

        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        _open[socket] = true;
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var first = new byte[1];
            await stream.ReadExactlyAsync(first);
            await (first[0] == 5 ? ServeSocksAsync(stream) : ServeHttpAsync(stream, (char)first[0]));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Either side left.
        }
    }

    private async Task ServeHttpAsync(NetworkStream stream, char first)
    {
        for (var begin = first.ToString(); ; begin = "")
        {
            var head = begin + await ReadHeadAsync(stream);
            var line = head[..head.IndexOf('\r')];
            var expected = SignIn is null ? null : $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(SignIn))}";
            if (expected is not null && !head.Contains(expected, StringComparison.OrdinalIgnoreCase))
            {
                await SkipBodyAsync(stream, head);
                await WriteAsync(stream, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n");
                continue;
            }

            _asked.Enqueue(line[..line.LastIndexOf(' ')]);
            if (Refusal is { } status)
            {
                await SkipBodyAsync(stream, head);
                await WriteAsync(stream, $"HTTP/1.1 {status} No\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<p>proxy</p>");
                continue;
            }

            var parts = line.Split(' ');
            if (parts[0] == "CONNECT")
            {
                var colon = parts[1].LastIndexOf(':');
                using var tunnel = await ConnectAsync(parts[1][..colon], int.Parse(parts[1][(colon + 1)..], CultureInfo.InvariantCulture));
                await WriteAsync(stream, "HTTP/1.1 200 Connected\r\n\r\n");
                await PumpAsync(stream, tunnel.GetStream());
                return;
            }

            var target = new Uri(parts[1]);
            using var provider = await ConnectAsync(target.Host, target.Port);
            await WriteAsync(provider.GetStream(), $"{parts[0]} {target.PathAndQuery} {parts[2]}{head[line.Length..]}");
            await PumpAsync(stream, provider.GetStream());
            return;
        }
    }

    private async Task ServeSocksAsync(NetworkStream stream)
    {
        var methods = await ReadAsync(stream, (await ReadAsync(stream, 1))[0]);
        var wanted = (byte)(SignIn is null ? 0 : 2);
        await stream.WriteAsync(new byte[] { 5, methods.Contains(wanted) ? wanted : (byte)255 });
        if (SignIn is not null)
        {
            await ReadAsync(stream, 1);
            var user = Encoding.UTF8.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]));
            var password = Encoding.UTF8.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]));
            var isRight = $"{user}:{password}" == SignIn;
            await stream.WriteAsync(new byte[] { 1, isRight ? (byte)0 : (byte)1 });
            if (!isRight)
            {
                return;
            }
        }

        var request = await ReadAsync(stream, 4);
        var host = request[3] switch
        {
            1 => new IPAddress(await ReadAsync(stream, 4)).ToString(),
            4 => new IPAddress(await ReadAsync(stream, 16)).ToString(),
            _ => Encoding.UTF8.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0])),
        };
        var port = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(stream, 2));
        _asked.Enqueue($"SOCKS {host}:{port}");
        using var provider = await ConnectAsync(host, port);
        await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 });
        await PumpAsync(stream, provider.GetStream());
    }

    /// <summary>Every name is this machine: the gateway leaves names to the proxy.</summary>
    private async Task<TcpClient> ConnectAsync(string host, int port)
    {
        var client = new TcpClient();
        _open[client.Client] = true;
        await client.ConnectAsync(IPAddress.TryParse(host, out var address) ? address : IPAddress.Loopback, port);
        return client;
    }

    private static async Task PumpAsync(Stream left, Stream right) => await Task.WhenAny(left.CopyToAsync(right), right.CopyToAsync(left));

    private static async Task<byte[]> ReadAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(stream, 1))[0]);
        }

        return head.ToString();
    }

    private static async Task SkipBodyAsync(Stream stream, string head)
    {
        const string Name = "content-length:";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        if (at >= 0)
        {
            var end = head.IndexOf('\r', at);
            await ReadAsync(stream, int.Parse(head.AsSpan(at + Name.Length, end - at - Name.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture));
        }
    }

    private static async Task WriteAsync(Stream stream, string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
}
