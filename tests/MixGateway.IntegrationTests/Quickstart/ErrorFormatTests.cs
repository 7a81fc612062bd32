using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Quickstart;

/// <summary>The error format that the public quick start shows, and the three codes that it names.</summary>
public sealed class ErrorFormatTests(QuickstartGateway gateway) : IClassFixture<QuickstartGateway>
{
    [Fact]
    public async Task Curl_WithThePublishedKey_PrintsTheErrorAsPublished()
    {
        var output = await Example.RunAsync("bash", "curl.sh", gateway, key: "sk-xxxx");

        using var body = JsonDocument.Parse(output);
        Names(body.RootElement).Should().Equal("error", "request_id");
        var error = body.RootElement.GetProperty("error");
        Names(error).Should().Equal("message", "type", "param", "code");
        error.GetProperty("message").GetString().Should().NotBeNullOrWhiteSpace();
        error.GetProperty("type").GetString().Should().Be("invalid_request_error");
        error.GetProperty("param").ValueKind.Should().Be(JsonValueKind.Null);
        error.GetProperty("code").GetString().Should().Be("invalid_api_key");
        Guid.TryParse(body.RootElement.GetProperty("request_id").GetString(), out _).Should().BeTrue();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer sk-wrong")]
    [InlineData("Basic c2std3Jvbmc6")]
    public async Task Call_WithoutAValidKey_IsInvalidApiKey(string? authorization)
    {
        var answer = await CallAsync(authorization, "deepseek:deepseek-chat");

        answer.Should().Be((HttpStatusCode.Unauthorized, "invalid_api_key"));
    }

    [Fact]
    public async Task Call_WithARevokedKey_IsInvalidApiKey()
    {
        var account = await gateway.Gateway.CreateAccountAsync();
        (await CallAsync($"Bearer {account.Key}", "deepseek:deepseek-chat")).Status.Should().Be(HttpStatusCode.OK);
        using (await gateway.Gateway.Admin.DeleteAsync(new Uri($"/api/v1/keys/{account.KeyId}", UriKind.Relative)))
        {
            (await CallAsync($"Bearer {account.Key}", "deepseek:deepseek-chat")).Should().Be((HttpStatusCode.Unauthorized, "invalid_api_key"));
        }
    }

    [Theory]
    [InlineData("deepseek:deepseek-unheard-of")]
    [InlineData("unknown:deepseek-chat")]
    [InlineData("deepseek-chat")]
    public async Task Call_ForAModelThatIsNotConfigured_IsModelNotFound(string model) =>
        (await CallAsync($"Bearer {gateway.Account.Key}", model)).Should().Be((HttpStatusCode.NotFound, "model_not_found"));

    [Fact]
    public async Task Call_WithNothingLeft_IsInsufficientQuota()
    {
        var account = await gateway.Gateway.CreateAccountAsync(credit: "0");

        (await CallAsync($"Bearer {account.Key}", "deepseek:deepseek-chat")).Should().Be((HttpStatusCode.PaymentRequired, "insufficient_quota"));
    }

    private async Task<(HttpStatusCode Status, string? Code)> CallAsync(string? authorization, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model, messages = new[] { new { role = "user", content = "Hi" } } }),
        };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var response = await gateway.Gateway.Client.SendAsync(request);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        if (response.IsSuccessStatusCode)
        {
            return (response.StatusCode, null);
        }

        body.GetProperty("request_id").GetString().Should().Be(response.Headers.GetValues("x-request-id").Single());
        return (response.StatusCode, body.GetProperty("error").GetProperty("code").GetString());
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(static member => member.Name);
}
