using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>The configurations for proxies in front: the real programs take them, and calls pass through them as they should.</summary>
public sealed class FrontProxyTests(FrontProxyTests.Site site) : IClassFixture<FrontProxyTests.Site>
{
    [Theory]
    [InlineData(FrontProgram.Nginx)]
    [InlineData(FrontProgram.HaProxy)]
    [InlineData(FrontProgram.Caddy)]
    public async Task Configuration_IsOneThatTheProgramTakes(FrontProgram program)
    {
        var (proxy, exitCode, output) = await FrontProxy.PrepareAsync(program, site.Gateway.Address);
        await using var _ = proxy;

        exitCode.Should().Be(0, output);
    }

    [Theory]
    [InlineData(FrontProgram.Nginx)]
    [InlineData(FrontProgram.HaProxy)]
    public async Task Calls_PassAsTheyShould(FrontProgram program)
    {
        var (proxy, exitCode, output) = await FrontProxy.PrepareAsync(program, site.Gateway.Address);
        await using var _ = proxy;
        exitCode.Should().Be(0, output);
        await proxy.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=localhost" } })
        {
            BaseAddress = proxy.Address,
            Timeout = TimeSpan.FromMinutes(1),
        };

        await ShouldStreamAsync(client);
        await ShouldRefuseLargeBodyAsync(client);
        (await StatusAsync(client, "/metrics")).Should().Be(404);
        (await StatusAsync(client, "/health/ready")).Should().Be(404);
        using var page = await client.GetAsync(new Uri("/dashboard/sign-in", UriKind.Relative));
        page.Headers.GetValues("Set-Cookie").Should().OnlyContain(static cookie => cookie.Contains("; secure"), "the gateway knows that TLS ends at the proxy");
    }

    /// <summary>The provider writes its second event only when the caller has the first.</summary>
    private async Task ShouldStreamAsync(HttpClient client)
    {
        var account = await site.Gateway.CreateAccountAsync();
        var gate = site.NewGate();
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.ChatPath) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new StringContent(Calls.ChatBody("m", stream: true, provider: "slow"), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.Key);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.Version.Major.Should().Be(2);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        (await reader.ReadLineAsync()).Should().StartWith("data:").And.Contain("first");
        gate.SetResult();

        (await reader.ReadToEndAsync()).Should().Contain("second").And.EndWith("data: [DONE]\n\n");
    }

    /// <summary>The gateway's own error arrives, not a page of the proxy's.</summary>
    private static async Task ShouldRefuseLargeBodyAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.ChatPath) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new StringContent(Calls.ChatBody("m", members: $",\"pad\":\"{new string('x', 2_000_000)}\""), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-wrong");
        using var response = await client.SendAsync(request);

        await response.ShouldFailAsync(401, "invalid_request_error", "invalid_api_key");
    }

    private static async Task<int> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (int)response.StatusCode;
    }

    public sealed class Site : IAsyncLifetime
    {
        private Http1Provider _provider = null!;
        private volatile TaskCompletionSource _gate = new();

        internal TestGateway Gateway { get; private set; } = null!;

        internal TaskCompletionSource NewGate() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task InitializeAsync()
        {
            _provider = new Http1Provider(AnswerAsync);
            Gateway = await TestGateway.StartAsync([.. _provider.Settings("slow"), "ForwardedHeaders:KnownProxies:0=127.0.0.1"]);
        }

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await _provider.DisposeAsync();
        }

        private async Task AnswerAsync(Http1Exchange exchange)
        {
            await exchange.ReadAsync();
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            await WriteAsync(exchange, Chunk("first", "null"));
            await _gate.Task;
            await WriteAsync(exchange, Chunk("second", "\"stop\""));
            await WriteAsync(exchange, """data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":2,"total_tokens":4}}""" + "\n\n");
            await WriteAsync(exchange, "data: [DONE]\n\n");
            await exchange.WriteAsync("0\r\n\r\n");
        }

        private static Task WriteAsync(Http1Exchange exchange, string text) => exchange.WriteAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");

        private static string Chunk(string text, string reason) =>
            $$$"""data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"{{{text}}}"},"finish_reason":{{{reason}}}}]}""" + "\n\n";
    }
}
