using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>How a <see cref="Http2Provider"/> behaves apart from its answers.</summary>
internal sealed record Http2ProviderOptions
{
    /// <summary>Speaks TLS with it, and HTTP/2 by ALPN; without it HTTP/2 in clear text with prior knowledge.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Streams that it allows at one time on a connection.</summary>
    public int MaxConcurrentStreams { get; init; } = 1000;

    /// <summary>Bytes that it takes of a request before it opens the window further; it never does if <see cref="WindowStaysClosed"/>.</summary>
    public int InitialWindow { get; init; } = 65_535;

    public bool WindowStaysClosed { get; init; }

    /// <summary>Answers when the headers are there, not when the whole request is.</summary>
    public bool AnswersEarly { get; init; }
}

/// <summary>
/// A provider that speaks HTTP/2 frame by frame (RFC 9113), because server libraries do not misbehave as much as providers do.
/// It does not read the headers of requests.
/// </summary>
internal sealed class Http2Provider : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<Http2ProviderConnection, bool> _open = new();
    private readonly ConcurrentQueue<string> _bodies = new();
    private readonly Func<Http2Exchange, Task> _answer;
    private readonly Http2ProviderOptions _options;
    private readonly Task _accepting;
    private int _connections;
    private int _exchanges;

    /// <param name="answer">Called for each request, also while others run.</param>
    public Http2Provider(Func<Http2Exchange, Task> answer, Http2ProviderOptions? options = null)
    {
        _answer = answer;
        _options = options ?? new Http2ProviderOptions();
        _listener.Start();
        var scheme = _options.Certificate is null ? "http" : "https";
        BaseAddress = new Uri($"{scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");
        _accepting = AcceptAsync();
    }

    public Uri BaseAddress { get; }

    /// <summary>Connections that were accepted since the start.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Requests whose headers came since the start.</summary>
    public int Exchanges => Volatile.Read(ref _exchanges);

    /// <summary>The bodies of the requests that came whole.</summary>
    public IReadOnlyCollection<string> Bodies => _bodies;

    /// <summary>The settings of a provider of the gateway that calls this one.</summary>
    public string[] Settings(string name, params string[] more) =>
    [
        $"Providers:{name}:BaseUrl={BaseAddress}",
        $"Providers:{name}:Models:*:InputPrice=1",
        $"Providers:{name}:Models:*:OutputPrice=2",
        .. _options.Certificate is null
            ? (string[])[$"Providers:{name}:Cluster:HttpRequest:Version=2", $"Providers:{name}:Cluster:HttpRequest:VersionPolicy=RequestVersionExact"]
            : [$"Providers:{name}:Cluster:HttpClient:DangerousAcceptAnyServerCertificate=true"],
        .. more.Select(setting => $"Providers:{name}:{setting}"),
    ];

    /// <summary>Breaks every connection that there is.</summary>
    public void BreakAll()
    {
        foreach (var connection in _open.Keys)
        {
            connection.Break();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        BreakAll();
        await _accepting;
        _stopped.Dispose();
    }

    /// <summary>The number of a request, from 1.</summary>
    internal int Begin() => Interlocked.Increment(ref _exchanges);

    internal Task AnswerAsync(Http2Exchange exchange)
    {
        if (!_options.AnswersEarly)
        {
            _bodies.Enqueue(exchange.Body);
        }

        return _answer(exchange);
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

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        try
        {
            await using var stream = await OpenAsync(socket);
            var connection = new Http2ProviderConnection(this, _options, socket, stream, Interlocked.Increment(ref _connections));
            _open[connection] = true;
            await connection.RunAsync();
            _open.TryRemove(connection, out _);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // Either side broke the connection.
        }
    }

    private async Task<Stream> OpenAsync(Socket socket)
    {
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (_options.Certificate is not { } certificate)
        {
            return plain;
        }

        var secured = new SslStream(plain);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        });
        return secured;
    }
}

/// <summary>One request to a <see cref="Http2Provider"/>.</summary>
/// <param name="Number">From 1, over all connections.</param>
/// <param name="StreamId">Odd, rising within its connection.</param>
internal sealed record Http2Exchange(Http2ProviderConnection Connection, int Number, int StreamId)
{
    /// <summary>What has come of the request's body.</summary>
    public MemoryStream Received { get; } = new();

    public string Body => Encoding.UTF8.GetString(Received.ToArray());

    /// <summary>Answers a chat call in JSON, as <paramref name="model"/>.</summary>
    public Task RespondAsync(string text = "fine", string model = "m") => RespondAsync(
        200,
        $$$"""{"id":"1","object":"chat.completion","created":1,"model":"{{{model}}}","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}""");

    public async Task RespondAsync(int status, string body)
    {
        await HeadersAsync(status, "application/json");
        await Connection.WriteAsync(Http2Frame.Data, Http2Frame.EndStream, StreamId, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>The answer's headers alone.</summary>
    /// <param name="length">Sent as content-length; null to send none.</param>
    public Task HeadersAsync(int status, string contentType, int? length = null) =>
        Connection.WriteAsync(Http2Frame.Headers, Http2Frame.EndHeaders, StreamId, HeaderBlock(status, contentType, length));

    public Task DataAsync(string text, bool ends = false) =>
        Connection.WriteAsync(Http2Frame.Data, ends ? Http2Frame.EndStream : (byte)0, StreamId, Encoding.UTF8.GetBytes(text));

    /// <summary>RST_STREAM.</summary>
    /// <param name="code">7 is REFUSED_STREAM, 2 INTERNAL_ERROR, 8 CANCEL, 0 NO_ERROR.</param>
    public Task ResetAsync(int code) => Connection.WriteAsync(Http2Frame.Reset, 0, StreamId, Http2Frame.Number(code));

    /// <summary>RFC 7541 without Huffman and without the dynamic table.</summary>
    private static byte[] HeaderBlock(int status, string contentType, int? length)
    {
        List<byte> block = status < 200 || contentType.Length == 0
            ? [0x08, 3, .. Encoding.ASCII.GetBytes($"{status}")]
            : [0x08, 3, .. Encoding.ASCII.GetBytes($"{status}"), 0x0f, 16, (byte)contentType.Length, .. Encoding.ASCII.GetBytes(contentType)];
        if (length is { } bytes)
        {
            var digits = Encoding.ASCII.GetBytes($"{bytes}");
            block.AddRange([0x0f, 13, (byte)digits.Length, .. digits]);
        }

        return [.. block];
    }
}
