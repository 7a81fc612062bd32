using System.Net;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What a request may cost is known before it is sent, whatever its form.</summary>
public sealed class RequestBoundTests(RequestBoundTests.Bounded shared) : IClassFixture<RequestBoundTests.Bounded>
{
    private const string Pdf = "data:application/pdf;base64,JVBERi0xLjQK";

    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("n", "\"100\"")]
    [InlineData("n", "100.0")]
    [InlineData("n", "1e2")]
    [InlineData("best_of", "true")]
    [InlineData("max_tokens", "0")]
    [InlineData("max_completion_tokens", "\"16384\"")]
    [InlineData("n_predict", "-1")]
    public async Task Number_InAnotherForm_Answers400AndReachesNobody(string name, string value)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("number-form", members: $",\"{name}\":{value}");

        await response.ShouldFailAsync(400, "invalid_request_error", null, name);
        _gateway.Upstream.State.CallsOf("number-form").Should().Be(0);
        (await account.UsageAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData(",\"max_tokens\":1,\"max_completion_tokens\":16384")]
    [InlineData(",\"max_tokens\":1,\"n_predict\":16384")]
    [InlineData(",\"max_tokens\":1,\"n\":16384")]
    [InlineData(",\"max_tokens\":1,\"best_of\":16384")]
    [InlineData(",\"max_tokens\":1,\"extra_body\":{\"max_tokens\":16384}")]
    public async Task LargerOfSeveralLimits_BeyondTheBalance_IsRefused(string members)
    {
        var account = await _gateway.CreateAccountAsync(credit: "0.01");

        using var response = await account.ChatAsync("x", members: members);

        (await ApiError.ReadAsync(response)).Code.Should().Be("insufficient_quota");
    }

    [Theory]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"PDF"}}""")]
    [InlineData("""{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}""")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}""")]
    public async Task Media_ThatMayFillTheContext_CountAsThat(string part)
    {
        var key = new { name = "limited", tokensPerMinute = 20_000 };
        var wide = await _gateway.CreateAccountAsync(key: key);
        var narrow = await _gateway.CreateAccountAsync(key: key);

        using var refused = await wide.PostAsync(Message("sim:x", part));
        using var taken = await narrow.PostAsync(Message("media:x", part));

        (await ApiError.ReadAsync(refused)).Code.Should().Be("rate_limit_exceeded");
        taken.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("tools", "code_interpreter", ",\"tools\":[{\"type\":\"code_interpreter\"}]", "Providers:sim:ToolPrices:code_interpreter")]
    [InlineData("tools", "$web_search", ",\"tools\":[{\"type\":\"builtin_function\",\"function\":{\"name\":\"$web_search\"}}]", "Providers:sim:ToolPrices:web_search")]
    [InlineData("web_search_options", "web_search_options", ",\"web_search_options\":{}", "Providers:sim:ToolPrices:web_search")]
    [InlineData("plugins", "plugins", ",\"plugins\":[{\"id\":\"web\"}]", "Providers:sim:ToolPrices:plugins")]
    [InlineData("modalities", "audio", ",\"modalities\":[\"text\",\"audio\"]", "Providers:sim:Models:*:AudioOutputPrice")]
    [InlineData("modalities", "image", ",\"modalities\":[\"image\"]", "Providers:sim:Models:*:ImageOutputPrice")]
    public async Task PaidWork_WithoutAPrice_Answers400WithWhatIsMissing(string param, string name, string members, string setting)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("x", members: members);

        var error = await response.ShouldFailAsync(400, "invalid_request_error", null, param);
        error.Message.Should().Contain($"'{name}'").And.Contain(setting);
    }

    [Theory]
    [InlineData(",\"tools\":[{\"type\":\"web_search_preview\"}]")]
    [InlineData(",\"tools\":[{\"type\":\"builtin_function\",\"function\":{\"name\":\"$web_search\"}}]")]
    [InlineData(",\"tools\":[{\"type\":\"free_tool\"}]")]
    [InlineData(",\"web_search_options\":{}")]
    [InlineData(",\"modalities\":[\"text\",\"audio\"],\"audio\":{\"voice\":\"a\",\"format\":\"wav\"}")]
    [InlineData(",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"plugins\":[],\"enable_search\":false")]
    public async Task PaidWork_WithAPrice_ReachesTheProvider(string members)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("x", members: members, provider: "media");

        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task PaidWork_DearerThanTheBalance_IsRefused()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0.02");

        using var plain = await account.ChatAsync("x", members: ",\"max_tokens\":10", provider: "media");
        using var response = await account.ChatAsync("x", members: ",\"max_tokens\":10,\"tools\":[{\"type\":\"web_search\"}]", provider: "media");

        plain.StatusCode.Should().Be(HttpStatusCode.OK);
        (await ApiError.ReadAsync(response)).Code.Should().Be("insufficient_quota");
    }

    [Theory]
    [InlineData("media:DEAR", "media:dear")]
    [InlineData("media:dear ", "media:dear")]
    [InlineData("media/ dear", "media:dear")]
    [InlineData("medai:dear", "media:dear")]
    [InlineData("Quick", "quick")]
    public async Task Model_ThatIsNearAListedOne_Answers404WithItsName(string model, string meant)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync($$"""{"model":"{{model}}","messages":[]}""");
        using var found = await account.Gateway.CallAsync(account.Key, [], $"/v1/models/{Uri.EscapeDataString(model)}", static request => request.Method = HttpMethod.Get);

        var error = await response.ShouldFailAsync(404, "invalid_request_error", "model_not_found", "model");
        error.Message.Should().Contain($"'{meant}'");
        (await ApiError.ReadAsync(found)).Code.Should().Be("model_not_found");
    }

    [Fact]
    public async Task Models_WithPricesOfOtherKinds_ShowThem()
    {
        var models = await _gateway.GetAsync("/api/v1/models?provider=media");

        var dear = models.GetProperty("data").EnumerateArray().Single(static model => model.GetProperty("name").GetString() == "media:dear");
        dear.GetProperty("otherPrices").GetProperty("audio_output").GetString().Should().Be("8");
        dear.GetProperty("otherPrices").GetProperty("tool:web_search").GetString().Should().Be("0.01");
        dear.GetProperty("maxMediaTokens").ValueKind.Should().Be(JsonValueKind.Null);
    }

    private static string Message(string model, string part) =>
        $$"""{"model":"{{model}}","max_tokens":10,"messages":[{"role":"user","content":[{{part.Replace("PDF", Pdf, StringComparison.Ordinal)}}]}]}""";

    /// <summary>A second provider at the simulator, whose media are small and whose work has prices.</summary>
    public sealed class Bounded() : SharedGateway(static upstream =>
    [
        .. Provider(
            "media",
            upstream.BaseAddress,
            "Models:*:MaxMediaTokens=1000",
            "Models:*:AudioOutputPrice=8",
            "Models:dear:InputPrice=9",
            "Models:dear:OutputPrice=9",
            "Models:dear:AudioOutputPrice=8",
            "ToolPrices:web_search=0.01",
            "FreeTools:0=free_tool"),
        "Aliases:quick:0=media:dear",
    ]);
}
