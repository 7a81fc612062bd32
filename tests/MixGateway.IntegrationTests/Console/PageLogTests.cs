using System.Net;
using MixGateway.IntegrationTests.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Console;

/// <summary>Looking at pages is nothing to warn of.</summary>
public sealed class PageLogTests : IDisposable
{
    private readonly LogFile _log = new();

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData("/dashboard/sign-in", HttpStatusCode.OK)]
    [InlineData("/dashboard/sign-up", HttpStatusCode.OK)]
    [InlineData("/models", HttpStatusCode.OK)]
    [InlineData("/dashboard/no-such-page", HttpStatusCode.NotFound)]
    public async Task Page_WithAForm_IsNotKeptByAnyCacheAndLeavesNoWarningInTheLog(string path, HttpStatusCode expected)
    {
        await using var gateway = await TestGateway.StartAsync([.. _log.Settings, "Serilog:MinimumLevel:Default=Warning"]);
        var account = await gateway.CreateAccountAsync();

        using var page = await gateway.Client.GetAsync(new Uri(path, UriKind.Relative));
        using var answer = await account.ChatAsync("after-the-page");
        await _log.AwaitAsync("CallEnded", answer.RequestId());

        page.StatusCode.Should().Be(expected);
        page.Headers.GetValues("Set-Cookie").Should().Contain(static cookie => cookie.StartsWith("mg.form=", StringComparison.Ordinal), "it has a form");
        page.Headers.CacheControl!.NoStore.Should().BeTrue();
        page.Headers.GetValues("Pragma").Should().Equal("no-cache");
        _log.Text.Should().NotContainAny("\"@l\":\"Warning\"", "\"@l\":\"Error\"");
    }
}
