using System.Net;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary><c>GET /v1/models/{id}</c> with the ids that providers have, in each way that clients write them.</summary>
public sealed class ModelPathTests(ModelPathTests.Fixture shared) : IClassFixture<ModelPathTests.Fixture>
{
    [Theory]
    [InlineData("named:org/m-1", "named:org/m-1")]
    [InlineData("named%3Aorg%2Fm-1", "named:org/m-1")]
    [InlineData("named:org%2fm-1", "named:org/m-1")]
    [InlineData("named:org/m-1/", "named:org/m-1")]
    [InlineData("named:org%2Fm-1?x=%2F", "named:org/m-1")]
    [InlineData("named%3Aqwen3%3A8b", "named:qwen3:8b")]
    [InlineData("named:qwen3:8b", "named:qwen3:8b")]
    [InlineData("sim:a%2Fb%3Ac", "sim:a/b:c")]
    [InlineData("sim:a%252Fb", "sim:a%2Fb")]
    [InlineData("sim:a%2Fb%252Fc", "sim:a/b%2Fc")]
    public async Task Model_ByItsId_IsFoundUnderThatId(string path, string id)
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var caller = await RawCaller.ConnectAsync(shared.Gateway);

        await caller.SendAsync($"GET /v1/models/{path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {account.Key}\r\nConnection: close\r\n\r\n");
        await caller.ReadToEndAsync();

        caller.Received.Should().StartWith("HTTP/1.1 200 ");
        caller.Received.Should().Contain($"\"id\":\"{id}\"");
    }

    [Theory]
    [InlineData("named:org%252Fm-1")]
    [InlineData("named:org")]
    [InlineData("")]
    public async Task Model_OfNoSuchId_IsNotFound(string path)
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var client = shared.Gateway.NewClient(account.Key);

        using var answer = await client.GetAsync(new Uri("/v1/models/" + (path.Length > 0 ? path : "/"), UriKind.Relative));

        await answer.ShouldFailAsync(404, "invalid_request_error", "model_not_found", "model");
    }

    [Fact]
    public async Task Models_WithASlashAtTheEnd_AreListed()
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var client = shared.Gateway.NewClient(account.Key);

        using var answer = await client.GetAsync(new Uri("/v1/models/", UriKind.Relative));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("object").GetString().Should().Be("list");
    }

    /// <summary>A provider of exactly two models, beside <c>sim</c>, which takes any name.</summary>
    public sealed class Fixture() : SharedGateway(static upstream =>
    [
        $"Providers:named:BaseUrl={upstream.BaseAddress}",
        "Providers:named:Models:0:Id=org/m-1", "Providers:named:Models:0:InputPrice=1", "Providers:named:Models:0:OutputPrice=2",
        "Providers:named:Models:1:Id=qwen3:8b", "Providers:named:Models:1:InputPrice=1", "Providers:named:Models:1:OutputPrice=2",
    ]);
}
