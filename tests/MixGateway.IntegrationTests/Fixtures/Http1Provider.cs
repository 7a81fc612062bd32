using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A provider that speaks HTTP/1.1 byte by byte, because server libraries do not misbehave as much as providers do.</summary>
internal sealed class Http1Provider : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentQueue<string> _bodies = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly Func<Http1Exchange, Task> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private int _connections;
    private int _requests;

    /// <param name="answer">Called when the headers of a request are there; the connection goes on when it is done, unless it was closed.</param>
    /// <param name="certificate">Speaks TLS with it.</param>
    public Http1Provider(Func<Http1Exchange, Task> answer, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        _listener.Start();
        BaseAddress = new Uri($"{(certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");
        _accepting = AcceptAsync();
    }

    public Uri BaseAddress { get; }

    /// <summary>The only client certificate that it takes, by its thumbprint; null asks for none.</summary>
    public string? ClientThumbprint { get; init; }

    /// <summary>Connections that were accepted since the start.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Requests whose headers came since the start.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The bodies that were read whole.</summary>
    public IReadOnlyCollection<string> Bodies => _bodies;

    /// <summary>The settings of a provider of the gateway that calls this one.</summary>
    public string[] Settings(string name, params string[] more) =>
    [
        $"Providers:{name}:BaseUrl={BaseAddress}",
        $"Providers:{name}:Models:*:InputPrice=1",
        $"Providers:{name}:Models:*:OutputPrice=2",
        .. _certificate is null ? (string[])[] : [$"Providers:{name}:Cluster:HttpClient:DangerousAcceptAnyServerCertificate=true"],
        .. more.Select(setting => $"Providers:{name}:{setting}"),
    ];

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        foreach (var socket in _open.Keys)
        {
            socket.Dispose();
        }

        await _accepting;
        _stopped.Dispose();
    }

    internal void Note(string body) => _bodies.Enqueue(body);

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

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        _open[socket] = true;
        var connection = Interlocked.Increment(ref _connections);
        try
        {
            await using var stream = await OpenAsync(socket);
            for (var onConnection = 1; await ReadHeadAsync(stream) is { } head; onConnection++)
            {
                var exchange = new Http1Exchange(this, socket, stream, connection, Interlocked.Increment(ref _requests), onConnection, LengthOf(head));
                await _answer(exchange);
                if (exchange.IsClosed)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // Either side broke the connection.
        }
        finally
        {
            _open.TryRemove(socket, out _);
        }
    }

    private async Task<Stream> OpenAsync(Socket socket)
    {
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (_certificate is null)
        {
            return plain;
        }

        var secured = new SslStream(plain);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = _certificate,
            ClientCertificateRequired = ClientThumbprint is not null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => ClientThumbprint is null || certificate?.GetCertHashString() == ClientThumbprint,
        });
        return secured;
    }

    /// <returns>Null at the end of the connection.</returns>
    private static async Task<string?> ReadHeadAsync(Stream stream)
    {
        List<byte> head = [];
        var next = new byte[1];
        while (await stream.ReadAsync(next) == 1)
        {
            head.Add(next[0]);
            if (next[0] == '\n' && head.Count >= 4 && head[^3] == '\n')
            {
                return Encoding.Latin1.GetString([.. head]);
            }
        }

        return null;
    }

    private static int LengthOf(string head)
    {
        const string Name = "content-length:";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase) + Name.Length;
        return int.Parse(head[at..head.IndexOf('\r', at)], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
    }
}

/// <summary>One request to a <see cref="Http1Provider"/>.</summary>
/// <param name="connection">The number of its connection, from 1.</param>
/// <param name="number">From 1, over all connections.</param>
/// <param name="onConnection">From 1, within its connection.</param>
/// <param name="length">Of the body, as the headers say.</param>
internal sealed class Http1Exchange(Http1Provider provider, Socket socket, Stream stream, int connection, int number, int onConnection, int length)
{
    public int Connection { get; } = connection;

    public int Number { get; } = number;

    public int OnConnection { get; } = onConnection;

    public bool IsClosed { get; private set; }

    public static string Answer(string text = "fine") =>
        $$$"""{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}""";

    /// <summary>Reads the rest of the request.</summary>
    public async Task<string> ReadAsync()
    {
        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        var text = Encoding.UTF8.GetString(body);
        provider.Note(text);
        return text;
    }

    /// <summary>Reads a part of the request's body.</summary>
    public async Task ReadAsync(int bytes) => await stream.ReadExactlyAsync(new byte[bytes]);

    public async Task WriteAsync(string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads the request and answers it.</summary>
    public async Task RespondAsync(string text = "fine")
    {
        await ReadAsync();
        await RespondAsync(200, Answer(text));
    }

    public Task RespondAsync(int status, string body, string headers = "") =>
        WriteAsync($"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>Closes. What has not been read makes a reset of it.</summary>
    public void Close()
    {
        IsClosed = true;

        // Said before anything that has come meanwhile is thrown away, for which the kernel would reset the connection.
        socket.Shutdown(SocketShutdown.Send);
        socket.Close();
    }

    /// <summary>Resets the connection.</summary>
    public void Break()
    {
        IsClosed = true;
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    }
}
