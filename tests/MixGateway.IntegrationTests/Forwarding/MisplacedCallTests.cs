using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What a wrong base URL leads to: never an empty answer or a page, always an error that an SDK can show.</summary>
public sealed class MisplacedCallTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("/chat/completions", "/v1/chat/completions")]
    [InlineData("/completions", "/v1/completions")]
    [InlineData("/embeddings", "/v1/embeddings")]
    [InlineData("//v1/chat/completions", "/v1/chat/completions")]
    [InlineData("/v1//chat/completions", "/v1/chat/completions")]
    [InlineData("/v1/chat/completions/", "/v1/chat/completions")]
    [InlineData("/v1/v1/embeddings", "/v1/embeddings")]
    [InlineData("/V1/Chat/Completions", "/v1/chat/completions")]
    [InlineData("/openai/v1/chat/completions", "/v1/chat/completions")]
    [InlineData("/openai/deployments/gpt/chat/completions", "/v1/chat/completions")]
    [InlineData("/v1beta/models/x:generateContent", null)]
    [InlineData("/v1/nothing", null)]
    [InlineData("/nothing", null)]
    public async Task Call_AtAnotherPath_IsToldTheRightOne(string path, string? right)
    {
        var account = await _gateway.CreateAccountAsync();
        using var caller = await RawCaller.ConnectAsync(_gateway);
        var body = Calls.ChatBody("x");

        await caller.SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {account.Key}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await caller.ReadToEndAsync();

        caller.Received.Should().StartWith("HTTP/1.1 404 ").And.Contain("Content-Type: application/json").And.Contain("\"code\":\"unknown_url\"").And.Contain("\"request_id\"");
        caller.Received.Should().Contain(right is null ? "The API's paths begin with /v1" : $"Use '{right}'");
    }

    [Theory]
    [InlineData("/models", "/v1/models")]
    [InlineData("/models/", "/v1/models")]
    [InlineData("//v1/models", "/v1/models")]
    [InlineData("/v1/v1/models", "/v1/models")]
    [InlineData("/models/sim:x", "/v1/models/sim:x")]
    public async Task Models_AskedForAtAnotherPath_AreToldTheRightOne(string path, string right)
    {
        var account = await _gateway.CreateAccountAsync();
        using var caller = await RawCaller.ConnectAsync(_gateway);

        await caller.SendAsync($"GET {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {account.Key}\r\nAccept: */*\r\nConnection: close\r\n\r\n");
        await caller.ReadToEndAsync();

        caller.Received.Should().StartWith("HTTP/1.1 404 ").And.Contain("Content-Type: application/json").And.Contain($"Use '{right}'");
    }

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html")]
    [InlineData("application/json", "application/json")]
    public async Task Models_AskedForWithoutAKey_AreThePageUnlessJsonIsAskedFor(string accept, string mediaType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models");
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var answer = await _gateway.Client.SendAsync(request);

        answer.Content.Headers.ContentType!.MediaType.Should().Be(mediaType);
    }

    [Fact]
    public async Task ManagementApi_AtAnUnknownPath_KeepsItsOwnWords()
    {
        using var answer = await _gateway.Admin.GetAsync(new Uri("/api/v1/chat/completions", UriKind.Relative));

        (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType).Should().Be((HttpStatusCode.NotFound, "application/problem+json"));
    }
}
