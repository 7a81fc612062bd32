using System.Text;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Authentication;

/// <summary>Where a key may be, and what else may be beside it, at the socket.</summary>
public sealed class KeyHeaderTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Placeholder = "sk-placeholder";

    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("x-api-key: KEY\r\n")]
    [InlineData("api-key: KEY\r\n")]
    [InlineData("Api-Key:\tKEY \r\n")]
    [InlineData("Authorization: Bearer KEY\r\nx-api-key: " + Placeholder + "\r\n")]
    [InlineData("Authorization: Bearer " + Placeholder + "\r\nx-api-key: KEY\r\n")]
    [InlineData("Authorization: Basic dXNlcjpwYXNz\r\napi-key: KEY\r\n")]
    [InlineData("Authorization: Bearer \r\nx-api-key: KEY\r\n")]
    public async Task Key_InAnyOfItsHeaders_IsTakenOnEveryPath(string headers)
    {
        (await AnswerAsync("GET /v1/models", headers, "")).Should().StartWith("HTTP/1.1 200 ");
        (await AnswerAsync($"POST {Calls.ChatPath}", headers, Calls.ChatBody("x"))).Should().StartWith("HTTP/1.1 200 ");
        (await AnswerAsync("POST /v1/embeddings", headers, """{"model":"sim:x","input":"a"}""")).Should().StartWith("HTTP/1.1 200 ");
    }

    [Theory]
    [InlineData("x-api-key: KEY\r\nx-api-key: KEY\r\n")]
    [InlineData("x-api-key: \r\n")]
    [InlineData("api-key: Bearer KEY\r\n")]
    [InlineData("x-api-key: " + Placeholder + "\r\n")]
    [InlineData("Authorization: Bearer KEY\u00A0\r\n")]
    [InlineData("Authorization: Bearer \u00A0KEY\r\n")]
    [InlineData("x-api-key: KEY\u00E9\r\n")]
    [InlineData("api-key: \u0085KEY\r\n")]
    public async Task Key_ThatIsNotExactlyOne_IsUnauthorizedInJson(string headers)
    {
        var answer = await AnswerAsync($"POST {Calls.ChatPath}", headers, Calls.ChatBody("x"));

        answer.Should().StartWith("HTTP/1.1 401 ").And.Contain("Content-Type: application/json").And.Contain("\"code\":\"invalid_api_key\"").And.Contain("x-should-retry: false");
    }

    [Theory]
    [InlineData("x-title: caf\u00E9\r\n")]
    [InlineData("http-referer: \u00FF\u00FE\r\n")]
    [InlineData("Content-Type: application/json\r\n")]
    [InlineData("Content-Type: application/json; charset=utf-8\r\n")]
    [InlineData("Content-Encoding: identity\r\nContent-Encoding: identity\r\n")]
    public async Task Header_ThatSaysNothingNew_DisturbsNoCall(string more) =>
        (await AnswerAsync($"POST {Calls.ChatPath}", "x-api-key: KEY\r\n" + more, Calls.ChatBody("x"))).Should().StartWith("HTTP/1.1 200 ");

    [Fact]
    public async Task MediaType_WithASecondOne_IsRefused() =>
        (await AnswerAsync($"POST {Calls.ChatPath}", "x-api-key: KEY\r\nContent-Type: text/plain\r\n", Calls.ChatBody("x"))).Should().StartWith("HTTP/1.1 415 ");

    /// <param name="headers">With KEY for a good key.</param>
    private async Task<string> AnswerAsync(string line, string headers, string body)
    {
        var account = await _gateway.CreateAccountAsync();
        using var caller = await RawCaller.ConnectAsync(_gateway);
        var head = $"{line} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{headers.Replace("KEY", account.Key, StringComparison.Ordinal)}\r\n";
        await caller.SendAsync(Encoding.Latin1.GetBytes(head + body));
        await caller.ReadToEndAsync();
        return caller.Received;
    }
}
