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
    [InlineData("/dashboard/sign-in", HttpStatusCode.OK, true)]
    [InlineData("/dashboard/sign-up", HttpStatusCode.OK, true)]
    [InlineData("/models", HttpStatusCode.OK, false)]
    [InlineData("/dashboard/no-such-page", HttpStatusCode.NotFound, false)]
    public async Task Page_OfTheConsole_IsKeptOnlyIfItIsForEverybodyAndLeavesNoWarningInTheLog(string path, HttpStatusCode expected, bool hasForm)
    {
        await using var gateway = await TestGateway.StartAsync([.. _log.Settings, "Serilog:MinimumLevel:Default=Warning"]);
        var account = await gateway.CreateAccountAsync();

        using var page = await gateway.Client.GetAsync(new Uri(path, UriKind.Relative));
        using var answer = await account.ChatAsync("after-the-page");
        await _log.AwaitAsync("CallEnded", answer.RequestId());

        page.StatusCode.Should().Be(expected);
        var cookies = page.Headers.TryGetValues("Set-Cookie", out var set) ? set.Select(static cookie => cookie.Split('=')[0]) : [];
        cookies.Should().Equal(hasForm ? ["mg.form"] : []);
        page.Headers.CacheControl!.NoCache.Should().BeTrue();
        page.Headers.CacheControl.NoStore.Should().Be(path != "/models", "the list of models is the same for everybody");
        page.Headers.Contains("Pragma").Should().Be(path != "/models");
        _log.Text.Should().NotContainAny("\"@l\":\"Warning\"", "\"@l\":\"Error\"");
    }
}
