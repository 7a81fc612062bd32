using System.Net;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MixGateway.Simulator;

namespace MixGateway.Tests.Simulator;

/// <summary>A caller of a simulator of its own, over HttpClient or over a bare socket.</summary>
internal sealed class SimulatorClient : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, ResponseDrainTimeout = TimeSpan.Zero };

    private SimulatorClient(SimulatorServer server)
    {
        Server = server;
        Http = new HttpClient(_handler) { Timeout = Patience };
    }

    public SimulatorServer Server { get; }

    public SimulatorState State => Server.State;

    public HttpClient Http { get; }

    public static async Task<SimulatorClient> StartAsync(SimulatorOptions? options = null) => new(await SimulatorServer.StartAsync(options));

    public static string Chat(string model, string extra = "", string text = "one two three") =>
        $$"""{"model":{{JsonSerializer.Serialize(model)}},"messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}]{{extra}}}""";

    public static string Stream(string model, bool includeUsage = false, string text = "one two three") =>
        Chat(model, includeUsage ? ""","stream":true,"stream_options":{"include_usage":true}""" : ""","stream":true""", text);

    public Task<HttpResponseMessage> PostAsync(string body, string path = "chat/completions", CancellationToken cancellationToken = default) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, $"{Server.BaseAddress}/{path}") { Content = Json(body) }, cancellationToken);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default) =>
        Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public async Task<JsonElement> PostForJsonAsync(string body, string path = "chat/completions")
    {
        using HttpResponseMessage response = await PostAsync(body, path);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;
    }

    /// <summary>The events' data up to the stream's end, read by the platform's own parser.</summary>
    public async Task<IReadOnlyList<string>> PostForEventsAsync(string body, string path = "chat/completions")
    {
        using HttpResponseMessage response = await PostAsync(body, path);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        List<string> events = [];
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync())
        {
            events.Add(item.Data);
        }

        return events;
    }

    /// <summary>Everything the server sends over a bare connection that is closed by either side's end, headers and chunk sizes included.</summary>
    public async Task<string> ExchangeRawAsync(string body)
    {
        using var limit = new CancellationTokenSource(Patience);
        using Socket socket = await ConnectAsync();
        byte[] content = Encoding.UTF8.GetBytes(body);
        string head = $"POST /v1/chat/completions HTTP/1.1\r\nHost: simulator\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {content.Length}\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(head), limit.Token);
        await socket.SendAsync(content, limit.Token);
        using var received = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and int count)
        {
            received.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(received.ToArray());
    }

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Server.BaseAddress.Port);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _handler.Dispose();
        await Server.DisposeAsync();
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
