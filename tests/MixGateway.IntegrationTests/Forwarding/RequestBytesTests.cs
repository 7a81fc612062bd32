using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What the provider gets to see.</summary>
public sealed class RequestBytesTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("""{"model":"sim:m","messages":[{"role":"user","content":"é \u00e9 \ud83d\ude00 \/ \t"}],"temperature":1e5,"top_p":1.00,"seed":12345678901234567890}""")]
    [InlineData("""{ "unknown" : {"model":"sim:m","stream":true}, "max_tokens":5, "model" :  "sim:m" , "z":[ ], "a":null }""")]
    [InlineData("""{"messages":[],"mod\u0065l":"sim:m"}""")]
    [InlineData("""{"messages":[],"model":"sim\u003am"}""")]
    [InlineData("""{"model":"sim:m","model":"sim:m","messages":[]}""")]
    [InlineData("""{"model":"sim:m","stream":false,"stream_options":null,"n":1,"logit_bias":{"50256":-100}}""")]
    public async Task Body_OfACall_ArrivesAsItWasButForTheModel(string body)
    {
        var received = await SendAsync(body);

        received.Text.Should().Be(body.Replace("\"model\":\"sim:m\"", "\"model\":\"m\"", StringComparison.Ordinal)
            .Replace("\"unknown\" : {\"model\":\"m\"", "\"unknown\" : {\"model\":\"sim:m\"", StringComparison.Ordinal)
            .Replace("\"model\" :  \"sim:m\"", "\"model\" :  \"m\"", StringComparison.Ordinal)
            .Replace("\"mod\\u0065l\":\"sim:m\"", "\"mod\\u0065l\":\"m\"", StringComparison.Ordinal)
            .Replace("\"sim\\u003am\"", "\"m\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(
        """{"model":"sim:m","stream":true,"temperature":1e5}""",
        """{"stream_options":{"include_usage":true},"model":"m","stream":true,"temperature":1e5}""")]
    [InlineData(
        """{ "stream" : true, "stream_options":{"include_usage":false}, "model":"sim:m" }""",
        """{ "stream" : true, "stream_options":{"include_usage":true}, "model":"m" }""")]
    [InlineData(
        """{"model":"sim:m","stream_options":null,"stream":true}""",
        """{"model":"m","stream_options":{"include_usage":true},"stream":true}""")]
    [InlineData(
        """{"model":"sim:m","stream_options":{},"stream":true}""",
        """{"model":"m","stream_options":{"include_usage":true},"stream":true}""")]
    [InlineData(
        """{"model":"sim:m","stream_options":{"include_obfuscation":false},"stream":true}""",
        """{"model":"m","stream_options":{"include_usage":true,"include_obfuscation":false},"stream":true}""")]
    [InlineData(
        """{"model":"sim:m","stream_options":{"include_usage":true},"stream":true}""",
        """{"model":"m","stream_options":{"include_usage":true},"stream":true}""")]
    public async Task Body_OfAStream_AsksForUsageAndIsElseAsItWas(string body, string expected)
    {
        var received = await SendAsync(body);

        received.Text.Should().Be(expected);
    }

    [Fact]
    public async Task Body_WithAByteOrderMark_KeepsIt()
    {
        var account = await _gateway.CreateAccountAsync();
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Calls.ChatBody("bom"))];

        using var response = await _gateway.CallAsync(account.Key, body);

        _gateway.Upstream.State.LastRequest.Body.ToArray().Should().StartWith(new byte[] { 0xEF, 0xBB, 0xBF });
    }

    [Theory]
    [InlineData("sim/m")]
    [InlineData("sim:m")]
    public async Task Model_InEitherForm_GoesOnAsTheProvidersOwn(string model)
    {
        var received = await SendAsync($$"""{"model":"{{model}}"}""");

        received.Text.Should().Be("""{"model":"m"}""");
    }

    [Fact]
    public async Task Model_WithColonsAndSlashes_GoesOnWhole()
    {
        var received = await SendAsync("""{"model":"sim:org/family:8b"}""");

        received.Text.Should().Be("""{"model":"org/family:8b"}""");
    }

    [Theory]
    [InlineData("/v1/chat/completions", "application/json")]
    [InlineData("/v1/completions", "application/json")]
    [InlineData("/v1/embeddings", "application/json")]
    public async Task Headers_OfTheCaller_DoNotReachTheProvider(string path, string accept)
    {
        var received = await SendAsync("""{"model":"sim:m","input":"x","prompt":"x"}""", path + "?key=secret&api-version=1", AddEverything);

        received.Method.Should().Be("POST");
        received.Path.Should().Be(path);
        received.Headers.Keys.Should().BeEquivalentTo("Host", "Accept", "Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "User-Agent");
        received.Header("Host").Should().Be(_gateway.Upstream.BaseAddress.Authority);
        received.Header("Authorization").Should().Be("Bearer upstream-secret-0123456789");
        received.Header("Accept").Should().Be(accept);
        received.Header("Content-Type").Should().Be("application/json");
        received.Header("User-Agent").Should().Be("MixGateway");
        received.Header("Content-Length").Should().Be($"{received.Body.Length}");
    }

    [Fact]
    public async Task Body_SentInChunks_GoesOnWithItsLength()
    {
        var received = await SendAsync(Calls.ChatBody("m"), change: static request => request.Headers.TransferEncodingChunked = true);

        received.Headers.Should().NotContainKey("Transfer-Encoding");
        received.Header("Content-Length").Should().Be($"{received.Body.Length}");
        received.Text.Should().Be(Calls.ChatBody("m").Replace("sim:m", "m", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Body_SentAfterAHundredContinue_Arrives()
    {
        var received = await SendAsync(Calls.ChatBody("m"), change: static request => request.Headers.ExpectContinue = true);

        received.Headers.Should().NotContainKey("Expect");
        received.Text.Should().Be(Calls.ChatBody("m").Replace("sim:m", "m", StringComparison.Ordinal));
    }

    private static void AddEverything(HttpRequestMessage request)
    {
        request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json; charset=utf-8");
        foreach (var name in (string[])
            [
                "Cookie", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "traceparent", "tracestate", "baggage",
                "OpenAI-Organization", "OpenAI-Project", "api-key", "x-api-key", "x-request-id", "Origin", "Referer", "Accept-Language", "X-Stainless-Lang",
                "Proxy-Authorization",
            ])
        {
            request.Headers.TryAddWithoutValidation(name, "from-the-caller").Should().BeTrue();
        }
    }

    private async Task<ReceivedRequest> SendAsync(string body, string path = Calls.ChatPath, Action<HttpRequestMessage>? change = null)
    {
        var account = await _gateway.CreateAccountAsync();
        using var response = await account.PostAsync(body, path, change);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return _gateway.Upstream.State.LastRequest;
    }
}
