using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>A refusal reaches its caller although most of the body is still on its way, whatever the caller is.</summary>
public sealed class UnreadBodyTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const int Times = 10;

    /// <summary>Sends a body of a size again and again, and prints the statuses.</summary>
    private const string PythonCaller = """
        import json, sys, requests
        url, key, media, size, times = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
        body = json.dumps({"model": "sim:x", "messages": [{"role": "user", "content": "x" * size}]})
        for _ in range(times):
            answer = requests.post(url, data=body, headers={"Authorization": "Bearer " + key, "Content-Type": media})
            answer.json()
            print(answer.status_code)
        """;

    private const string NodeCaller = """
        const [, url, key, media, size, times] = process.argv;
        const body = JSON.stringify({ model: "sim:x", messages: [{ role: "user", content: "x".repeat(+size) }] });
        for (let i = 0; i < +times; i++) {
          const answer = await fetch(url, { method: "POST", body, headers: { authorization: "Bearer " + key, "content-type": media } });
          await answer.json();
          console.log(answer.status);
        }
        """;

    private readonly TestGateway _gateway = shared.Gateway;

    public enum Client
    {
        Python,
        Node,
    }

    [Theory]
    [InlineData(Client.Python, 2_000_000)]
    [InlineData(Client.Python, 20_000_000)]
    [InlineData(Client.Node, 2_000_000)]
    [InlineData(Client.Node, 20_000_000)]
    public async Task Refusal_OfALargeBody_ReachesRealClients(Client client, int size)
    {
        var empty = await _gateway.CreateAccountAsync(credit: "0");
        var elsewhere = await _gateway.CreateAccountAsync(key: new { name = "elsewhere", allowedAddresses = new[] { "10.1.2.3" } });
        const string Json = "application/json";

        (await RunAsync(client, "/v1/chat/completions", "sk-wrong", Json, size)).Should().OnlyContain(static status => status == 401);
        (await RunAsync(client, "/v1/chat/completions", elsewhere.Key, Json, size)).Should().OnlyContain(static status => status == 403);
        (await RunAsync(client, "/v1/nothing", empty.Key, Json, size)).Should().OnlyContain(static status => status == 404);
        (await RunAsync(client, "/v1/models", empty.Key, Json, size)).Should().OnlyContain(static status => status == 405);
        (await RunAsync(client, "/v1/embeddings", empty.Key, "text/plain", size)).Should().OnlyContain(static status => status == 415);
        (await RunAsync(client, "/v1/chat/completions", empty.Key, Json, size)).Should().OnlyContain(static status => status == 402 || status == 429);
        (await RunAsync(client, "/api/v1/accounts", "wrong-token-0123456789", Json, size)).Should().OnlyContain(static status => status == 401 || status == 429, "an address with many wrong tokens has to wait");
        (await RunAsync(client, "/api/v1/accounts", TestGateway.AdminToken, Json, size)).Should().OnlyContain(static status => status == 413);
        (await RunAsync(client, "/api/v1/nothing", TestGateway.AdminToken, Json, size)).Should().OnlyContain(static status => status == 404);
    }

    [Theory]
    [InlineData("/v1/completions", "sk-wrong", 401)]
    [InlineData("/v1/other", "sk-wrong", 404)]
    [InlineData("/api/v1/accounts", "wrong-token-0123456789", 401)] // 429 after some: an address with many wrong tokens has to wait
    [InlineData("/api/v1/accounts", TestGateway.AdminToken, 413)]
    public async Task Refusal_OverHttp2_ReachesTheCaller(string path, string key, int status)
    {
        await using var gateway = await TestGateway.StartAsync("Kestrel:EndpointDefaults:Protocols=Http2");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = gateway.Address };
        var body = new byte[5_000_000];
        for (var i = 0; i < Times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body), Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);

            using var response = await client.SendAsync(request);

            ((int)response.StatusCode).Should().BeOneOf(status, 429);
        }
    }

    /// <summary>The caller gets the answer before it has sent more, and the connection goes on when it has sent the rest.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refusal_ThatCameBeforeTheBody_LeavesTheConnectionUsable(bool chunked)
    {
        const int Length = 3_000_000;
        using var caller = await RawCaller.ConnectAsync(_gateway);
        var framing = chunked ? "Transfer-Encoding: chunked" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Length}");
        await caller.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer sk-wrong\r\nContent-Type: application/json\r\n{framing}\r\n\r\n");
        await caller.ReadUntilAsync("invalid_api_key");

        var body = new string('x', Length);
        await caller.SendAsync(chunked ? $"{Length:x}\r\n{body}\r\n0\r\n\r\n" : body);
        await caller.SendAsync("GET /v1/models HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
        await caller.ReadToEndAsync();

        caller.Count("HTTP/1.1 401 ").Should().Be(2);
    }

    [Fact]
    public async Task Refusal_OfACallerWhoWaitsForOurWord_IsNotFollowedByAWait()
    {
        using var caller = await RawCaller.ConnectAsync(_gateway);
        var clock = Stopwatch.StartNew();

        await caller.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer sk-wrong\r\nContent-Type: application/json\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n");
        await caller.ReadToEndAsync();

        caller.Received.Should().StartWith("HTTP/1.1 401 ").And.NotContain("100 Continue");
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    private async Task<IReadOnlyList<int>> RunAsync(Client client, string path, string key, string media, int size)
    {
        var times = size > 10_000_000 ? 3 : Times;
        string[] call = [new Uri(_gateway.Address, path).ToString(), key, media, size.ToString(CultureInfo.InvariantCulture), times.ToString(CultureInfo.InvariantCulture)];
        var start = client == Client.Python
            ? new ProcessStartInfo(await DebianPackages.EnsureAsync("python3-requests", ["python3", "/usr/bin/python3"], "-c", "import requests"), ["-c", PythonCaller, .. call])
            : new ProcessStartInfo(await DebianPackages.EnsureAsync("nodejs", ["node"], "-e", "if (typeof fetch !== 'function') process.exit(1)"), ["--input-type=module", "-e", NodeCaller, "--", .. call]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.Environment["NO_PROXY"] = "127.0.0.1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, "{0} at {1} should get each answer, but: {2}", client, path, await errors);
        int[] statuses = [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => int.Parse(line, CultureInfo.InvariantCulture))];
        statuses.Should().HaveCount(times);
        return statuses;
    }
}
