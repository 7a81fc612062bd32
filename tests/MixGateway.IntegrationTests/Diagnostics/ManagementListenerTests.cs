using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary><c>Management:Urls</c> keeps callers and operators apart.</summary>
public sealed class ManagementListenerTests : IAsyncLifetime
{
    private readonly int _port = FreePort.Find();
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartAsync($"Management:Urls=http://127.0.0.1:{_port}");

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("/metrics", HttpStatusCode.NotFound, HttpStatusCode.OK)]
    [InlineData("/api/v1/accounts", HttpStatusCode.NotFound, HttpStatusCode.OK)]
    [InlineData("/dashboard", HttpStatusCode.NotFound, null)]
    [InlineData("/v1/models", HttpStatusCode.Unauthorized, HttpStatusCode.NotFound)]
    [InlineData("/health/ready", HttpStatusCode.OK, HttpStatusCode.OK)]
    public async Task Path_OnEitherListener_AnswersWhereItBelongs(string path, HttpStatusCode forCallers, HttpStatusCode? forOperators)
    {
        (await StatusAsync(_gateway.Address, path)).Should().Be(forCallers);
        if (forOperators is { } expected)
        {
            (await StatusAsync(new Uri($"http://127.0.0.1:{_port}"), path)).Should().Be(expected);
        }
    }

    [Fact]
    public async Task Call_OnTheListenerOfOperators_IsRefusedInOpenAIsForm()
    {
        using var response = await _gateway.Admin.PostAsync(new Uri($"http://127.0.0.1:{_port}/v1/chat/completions"), new StringContent("{}"));

        (await response.Content.ReadAsStringAsync()).Should().Contain("unknown_url").And.Contain("request_id");
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("nonsense")]
    [InlineData("http://unix:/run/gateway.sock")]
    public async Task Address_WithoutAPort_IsRefusedAtStart(string url)
    {
        var start = async () => await TestGateway.StartAsync($"Management:Urls={url}");

        (await start.Should().ThrowAsync<Exception>()).Which.Message.Should().Contain("Management:Urls");
    }

    [Fact]
    public async Task Address_WithThePortOfTheCallers_IsRefusedAtStart()
    {
        var port = FreePort.Find();
        var start = async () => await TestGateway.StartAsync($"urls=http://127.0.0.1:{port}", $"Management:Urls=http://127.0.0.2:{port}");

        (await start.Should().ThrowAsync<Exception>()).Which.Message.Should().Contain("shares a port");
    }

    private async Task<HttpStatusCode> StatusAsync(Uri address, string path)
    {
        using var response = await _gateway.Admin.GetAsync(new Uri(address, path));
        return response.StatusCode;
    }
}
