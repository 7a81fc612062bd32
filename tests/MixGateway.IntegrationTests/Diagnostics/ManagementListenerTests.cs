using System.Net;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.IntegrationTests.Payments;

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
    [InlineData("/api/reference/", HttpStatusCode.NotFound, HttpStatusCode.OK)]
    [InlineData("/openapi/v1.json", HttpStatusCode.NotFound, HttpStatusCode.OK)]
    [InlineData("/dashboard", HttpStatusCode.NotFound, HttpStatusCode.Redirect)]
    [InlineData("/dashboard/sign-in", HttpStatusCode.NotFound, HttpStatusCode.OK)]
    [InlineData("/v1/models", HttpStatusCode.Unauthorized, HttpStatusCode.NotFound)]
    [InlineData("/health/ready", HttpStatusCode.OK, HttpStatusCode.OK)]
    public async Task Path_OnEitherListener_AnswersWhereItBelongs(string path, HttpStatusCode forCallers, HttpStatusCode forOperators)
    {
        (await StatusAsync(_gateway.Address, path)).Should().Be(forCallers);
        (await StatusAsync(new Uri($"http://127.0.0.1:{_port}"), path)).Should().Be(forOperators);
    }

    [Fact]
    public async Task Call_OnTheListenerOfOperators_IsRefusedInOpenAIsForm()
    {
        using var response = await _gateway.Admin.PostAsync(new Uri($"http://127.0.0.1:{_port}/v1/chat/completions"), new StringContent("{}"));

        (await response.Content.ReadAsStringAsync()).Should().Contain("unknown_url").And.Contain("request_id");
    }

    /// <summary>A payment provider reaches what callers reach.</summary>
    [Fact]
    public async Task Notification_OnTheListenerOfCallers_CreditsAndAForgedOneDoesNot()
    {
        var port = FreePort.Find();
        await using var gateway = await TestGateway.StartAsync([.. PaymentGateway.Settings(), $"Management:Urls=http://127.0.0.1:{port}"]);
        gateway.Admin.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        var account = await gateway.CreateAccountAsync(credit: "0");
        var payment = await account.PayByEPayAsync();

        var forged = await gateway.NotifyEPayAsync(PaymentGateway.EPayNotice(payment, key: "another-key"));
        var before = await account.LedgerAsync();
        var told = await gateway.NotifyEPayAsync(PaymentGateway.EPayNotice(payment));

        forged.Text.Should().NotBe("success");
        before.Should().BeEmpty();
        told.Should().Be((HttpStatusCode.OK, "success"));
        (await account.EntriesAsync()).Should().ContainSingle();
        using var reserved = await gateway.Client.PostAsync(new Uri($"/api/v1/accounts/{account.Id}/payments", UriKind.Relative), new StringContent("{}"));
        reserved.StatusCode.Should().Be(HttpStatusCode.NotFound, "only what the providers report is for them");
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
