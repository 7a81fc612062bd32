using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace MixGateway.Tests.Simulator;

public sealed class FaultTests
{
    [Theory]
    [InlineData(400, "invalid_value")]
    [InlineData(401, "invalid_api_key")]
    [InlineData(402, "invalid_request_error")]
    [InlineData(403, "unsupported_country_region_territory")]
    [InlineData(404, "model_not_found")]
    [InlineData(413, "request_too_large")]
    [InlineData(422, "unprocessable_entity")]
    [InlineData(500, "internal_error")]
    [InlineData(503, "service_unavailable")]
    public async Task Error_ByStatus_HasOpenAIsBody(int status, string code)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Stream("s+error=" + status));

        ((int)response.StatusCode).Should().Be(status);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        body.RootElement.GetProperty("error").GetProperty("code").GetString().Should().Be(code);
        client.State.Failures.Should().Be(1);
    }

    [Theory]
    [InlineData("s+error=429", 7)]
    [InlineData("s+error=429+retryafter=2", 2)]
    [InlineData("s+error=503+retryafter=9", 9)]
    public async Task Error_RetryAfter_IsInSeconds(string model, int seconds)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Chat(model));

        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("s+errorbody=html+error=502", 502, "<html>")]
    [InlineData("s+errorbody=empty", 500, "")]
    [InlineData("s+errorbody=leak+error=401", 401, """{"error":{"message":"Incorrect API key provided: Bearer sk-secret""")]
    [InlineData("s+status=418", 418, """{"error":{""")]
    [InlineData("s+status=302", 302, "")]
    [InlineData("s+status=204", 204, "")]
    [InlineData("s+status=201", 201, """{"id":"chatcmpl-""")]
    [InlineData("s+ok200error=1", 200, """{"error":{""")]
    public async Task Error_OfAnotherKind_IsSentAsAsked(string model, int status, string bodyStart)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();
        client.Http.DefaultRequestHeaders.Add("authorization", "Bearer sk-secret");

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Chat(model));

        ((int)response.StatusCode).Should().Be(status);
        string body = await response.Content.ReadAsStringAsync();
        body.Should().StartWith(bodyStart);
        (body.Length == 0).Should().Be(bodyStart.Length == 0);
    }

    [Theory]
    [InlineData("s+ok200error=1", 1)]
    [InlineData("s+errorafter=2", 3)]
    [InlineData("s+errorafter=5", 6)]
    public async Task ErrorInAStream_EndsItWithoutDone(string model, int events)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> received = await client.PostForEventsAsync(SimulatorClient.Stream(model));

        received.Should().HaveCount(events);
        received[^1].Should().StartWith("""{"error":{""");
        client.State.Failures.Should().Be(1);
    }

    [Theory]
    [InlineData("s+fail=2", 500)]
    [InlineData("s+fail=2+error=429", 429)]
    [InlineData("s+fail=2+errorbody=html+error=503", 503)]
    public async Task Fail_FirstCalls_ThenAnswers(string model, int status)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();
        List<int> statuses = [];

        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Chat(model));
            statuses.Add((int)response.StatusCode);
        }

        statuses.Should().Equal(status, status, 200);
        client.State.CallsOf(model).Should().Be(3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Cut_OfAStream_DeliversTheEventsBeforeIt(int events)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        string raw = await client.ExchangeRawAsync(SimulatorClient.Stream($"s+size=100000+chunks=9+cut={events}"));

        raw.Should().StartWith("HTTP/1.1 200 OK\r\n").And.NotContain("\r\n0\r\n\r\n");
        (raw.Split("data: {").Length - 1).Should().Be(events);
        raw.Should().EndWith(events == 0 ? "\r\n\r\n" : "\n\n\r\n");
        client.State.Cuts.Should().Be(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public async Task Cut_OfJson_DeliversSoManyBytes(int bytes)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        string raw = await client.ExchangeRawAsync(SimulatorClient.Chat($"s+cut={bytes}"));

        string[] parts = raw.Split("\r\n\r\n");
        parts[0].Should().Contain("Content-Length: ");
        parts[1].Should().HaveLength(bytes);
    }

    [Fact]
    public async Task Cut_OverHttp2_ResetsTheStream()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, client.Server.Http2BaseAddress + "/chat/completions")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(SimulatorClient.Stream("s+chunks=9+cut=2"), Encoding.UTF8, "application/json"),
        };

        using HttpResponseMessage response = await client.SendAsync(request);
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(stream);

        // The reset overtakes events that were received and not yet read, so how many of them are seen is chance.
        Func<Task> read = () => reader.ReadToEndAsync();
        await read.Should().ThrowAsync<IOException>();
        client.State.LastRequest.Protocol.Should().Be("HTTP/2");
        client.State.Cuts.Should().Be(1);
    }

    [Fact]
    public async Task Reset_BeforeHeaders_IsAConnectionError()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        Func<Task> exchange = () => client.ExchangeRawAsync(SimulatorClient.Chat("s+reset=1"));

        (await exchange.Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.ConnectionReset);
        client.State.Cuts.Should().Be(1);
    }

    [Fact]
    public async Task Malformed_InAStream_IsOneEventMore()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("s+malformed=2"));

        events.Should().HaveCount(7);
        events.SkipLast(1).Select(IsJson).Should().Equal(true, false, true, true, true, true);
    }

    [Fact]
    public async Task Malformed_Json_IsBrokenWithARightLength()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Chat("s+malformed=1"));
        string body = await response.Content.ReadAsStringAsync();

        IsJson(body).Should().BeFalse();
        response.Content.Headers.ContentLength.Should().Be(body.Length);
    }

    [Fact]
    public async Task Headers_OfTheProvider_AreAdded()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Chat("s+headers=1"));

        response.Headers.Select(header => header.Key.ToLowerInvariant()).Should().Contain(["x-request-id", "set-cookie", "openai-organization", "x-ratelimit-limit-requests"]);
    }

    private static bool IsJson(string text)
    {
        try
        {
            JsonDocument.Parse(text).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
