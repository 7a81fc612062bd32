using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What is refused before any provider is asked.</summary>
public sealed class RequestRefusalTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string InvalidRequest = "invalid_request_error";

    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("not json", null)]
    [InlineData("", null)]
    [InlineData("[1,2]", null)]
    [InlineData("""{"model":"sim:x","messages":[]""", null)]
    [InlineData("""{"model":"sim:x"} trailing""", null)]
    [InlineData("""{"messages":[]}""", "model")]
    [InlineData("""{"model":7}""", "model")]
    [InlineData("""{"model":null}""", "model")]
    [InlineData("""{"model":""}""", "model")]
    [InlineData("""{"model":"sim:x","stream":"yes"}""", "stream")]
    [InlineData("""{"model":"sim:x","stream":1}""", "stream")]
    [InlineData("""{"model":"sim:x","stream":true,"stream_options":7}""", "stream_options")]
    [InlineData("""{"model":"sim:x","stream":true,"stream_options":{"include_usage":"yes"}}""", "stream_options.include_usage")]
    [InlineData("""{"Model":"sim:x"}""", "Model")]
    [InlineData("""{"model":"sim:x","MODEL":"sim:x"}""", "MODEL")]
    [InlineData("""{"model":"sim:x","Stream":true}""", "Stream")]
    [InlineData("""{"model":"sim:x","max_Tokens":5}""", "max_Tokens")]
    [InlineData("""{"model":"sim:x","m\u0061x_toKens":5}""", "max_toKens")]
    [InlineData("""{"model":"sim:x","model":"sim:y"}""", "model")]
    [InlineData("""{"model":"sim:x","mod\u0065l":"sim:y"}""", "model")]
    [InlineData("""{"model":"sim:x","stream":true,"stream":false}""", "stream")]
    [InlineData("""{"model":"sim:x","max_tokens":5,"max_tokens":6}""", "max_tokens")]
    [InlineData("""{"model":"sim:x","n":1,"n":9}""", "n")]
    [InlineData("""{"model":"sim:x","service_tier":"priority"}""", "service_tier")]
    [InlineData("""{"model":"sim:x","background":true}""", "background")]
    [InlineData("""{"model":"sim:x","service\u005ftier":"priority"}""", "service_tier")]
    public async Task Body_ThatCannotBeTaken_Answers400WithTheParameter(string body, string? param)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync(body);

        await response.ShouldFailAsync(400, InvalidRequest, null, param);
        (await account.UsageAsync()).Should().BeEmpty("the call was not admitted");
    }

    [Fact]
    public async Task Body_ThatIsNotUtf8_Answers400()
    {
        var account = await _gateway.CreateAccountAsync();
        byte[] body = [.. "{\"model\":\"sim:x\",\"user\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        using var response = await _gateway.CallAsync(account.Key, body);

        await response.ShouldFailAsync(400, InvalidRequest, null);
    }

    [Theory]
    [InlineData("nobody:gpt-5")]
    [InlineData("sim")]
    [InlineData("sim:")]
    [InlineData("gpt-5")]
    [InlineData(":x")]
    public async Task Model_ThatIsNotConfigured_Answers404(string model)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync($$"""{"model":"{{model}}","messages":[]}""");

        await response.ShouldFailAsync(404, InvalidRequest, "model_not_found", "model");
    }

    [Theory]
    [InlineData("GET", "/v1")]
    [InlineData("GET", "/v1/")]
    [InlineData("POST", "/v1/nothing")]
    [InlineData("POST", "/v1/chat/completions/")]
    [InlineData("POST", "/v1/Chat/Completions")]
    [InlineData("POST", "/v1//chat/completions")]
    [InlineData("POST", "/v1/chat/completions%2f")]
    public async Task Path_ThatIsUnknown_Answers404BeforeTheKeyIsLookedAt(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await _gateway.Client.SendAsync(request);

        await response.ShouldFailAsync(404, InvalidRequest, "unknown_url");
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", "POST")]
    [InlineData("PUT", "/v1/completions", "POST")]
    [InlineData("DELETE", "/v1/embeddings", "POST")]
    [InlineData("POST", "/v1/models", "GET")]
    [InlineData("DELETE", "/v1/models/sim:x", "GET")]
    public async Task Method_ThatIsWrong_Answers405WithTheRightOne(string method, string path, string allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await _gateway.Client.SendAsync(request);

        await response.ShouldFailAsync(405, InvalidRequest, "method_not_allowed");
        response.Content.Headers.Allow.Should().Equal(allowed);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/jsonx")]
    public async Task MediaType_OtherThanJson_Answers415(string mediaType)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync(
            Calls.ChatBody("x"), change: request => request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType));

        await response.ShouldFailAsync(415, InvalidRequest, "unsupported_media_type");
    }

    [Fact]
    public async Task ContentEncoding_OfTheBody_Answers415()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync(Calls.ChatBody("x"), change: request => request.Content!.Headers.ContentEncoding.Add("gzip"));

        await response.ShouldFailAsync(415, InvalidRequest, "unsupported_media_type");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    [InlineData(null)]
    public async Task MediaType_OfJsonOrNone_IsTaken(string? mediaType)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync(
            Calls.ChatBody("x"), change: request => request.Content!.Headers.ContentType = mediaType is null ? null : MediaTypeHeaderValue.Parse(mediaType));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_OfMoreThan32Megabytes_Answers413(bool chunked)
    {
        var account = await _gateway.CreateAccountAsync();
        var body = Encoding.UTF8.GetBytes(Calls.ChatBody("x", members: $",\"user\":\"{new string('x', 33_000_000)}\""));
        body.Length.Should().BeInRange(33_000_000, 34_000_000);
        using var padded = new MemoryStream([.. body, .. new byte[1_000_000]]);

        using var response = await account.PostAsync("", change: request =>
        {
            request.Content = new StreamContent(padded);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.TransferEncodingChunked = chunked;
        });

        await response.ShouldFailAsync(413, InvalidRequest, "request_too_large");
        _gateway.Upstream.State.CallsOf("x").Should().BeLessThan(10, "nothing that large goes on");
        (await account.UsageAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Body_OfAlmost32Megabytes_ReachesTheProviderWhole()
    {
        var account = await _gateway.CreateAccountAsync(credit: "100");
        var body = Calls.ChatBody("large", members: $",\"user\":\"{new string('x', (32 * 1024 * 1024) - 200)}\"");

        using var response = await account.PostAsync(body);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        _gateway.Upstream.State.LastRequest.Body.Length.Should().Be(body.Length - "sim:".Length);
    }

    [Fact]
    public async Task Balance_OfZero_Answers402ThatIsNotToBeRetried()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0");

        using var response = await account.ChatAsync("x");

        await response.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");
        response.Headers.GetValues("x-should-retry").Should().Equal("false");
        (await account.UsageAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task RequestId_OfTheCaller_IsNotTakenOver()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync(
            Calls.ChatBody("x"), change: request => request.Headers.Add("x-request-id", "01890000-0000-7000-8000-000000000000"));

        response.RequestId().Should().NotBe("01890000-0000-7000-8000-000000000000");
        Guid.Parse(response.RequestId()).Version.Should().Be(7);
        (await account.OnlyCallAsync()).RequestId.Should().Be(response.RequestId());
    }

    [Fact]
    public async Task Checks_WithSeveralThingsWrong_FollowTheirOrder()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0", key: new { name = "narrow", models = new[] { "sim:only" } });

        using var wrongKey = await _gateway.CallAsync("sk-wrong", "not json"u8.ToArray());
        using var badBody = await account.PostAsync("not json");
        using var unknownModel = await account.PostAsync("""{"model":"nobody:x"}""");
        using var notAllowed = await account.ChatAsync("other");
        using var noBalance = await account.ChatAsync("only");

        await wrongKey.ShouldFailAsync(401, InvalidRequest, "invalid_api_key");
        await badBody.ShouldFailAsync(400, InvalidRequest, null);
        await unknownModel.ShouldFailAsync(404, InvalidRequest, "model_not_found", "model");
        await notAllowed.ShouldFailAsync(403, "permission_error", "model_not_allowed", "model");
        await noBalance.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");
    }
}
