using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class ShutdownDelayTests
{
    [Fact]
    public async Task Stop_WithinItsDelay_IsNotReadyTakesCallsAndAsksThemToLeave()
    {
        await using var gateway = await TestGateway.StartAsync("ShutdownDelay=00:00:03");
        var account = await gateway.CreateAccountAsync();
        using var kept = await RawCaller.PostAsync(account, Calls.ChatBody("before"));
        await kept.ReadUntilAsync("HTTP/1.1 200 OK");
        kept.Received.Should().NotContainEquivalentOf("connection: close");

        var stop = gateway.StopAsync();
        using var ready = await gateway.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using var during = await account.ChatAsync("during");

        ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync()).Should().Contain("stopping");
        during.StatusCode.Should().Be(HttpStatusCode.OK);
        during.Headers.ConnectionClose.Should().BeTrue("its caller finds another gateway by connecting anew");
        stop.IsCompleted.Should().BeFalse();
        await stop;
        await FluentActions.Awaiting(() => account.ChatAsync("after")).Should().ThrowAsync<HttpRequestException>();
    }
}
