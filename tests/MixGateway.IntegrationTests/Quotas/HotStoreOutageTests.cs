using System.Diagnostics;
using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>What a gateway does while its Redis keeps the connection and says nothing.</summary>
public sealed class HotStoreOutageTests
{
    private static readonly Uri Ready = new("/health/ready", UriKind.Relative);

    /// <summary>Whatever runs in the background meets the time-out too; one that did not expect it would take the whole gateway down.</summary>
    [Fact]
    public async Task Redis_ThatHangsForLongerThanEveryTimeout_ClosesTheGatewayAndDoesNotEndIt()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync();

        await set.Redis!.PauseAsync();
        await Eventually.TrueAsync(async () => await StatusAsync(gateway) == HttpStatusCode.ServiceUnavailable, "the gateway is not ready");
        using (var refused = await account.ChatAsync("x"))
        {
            await refused.ShouldFailAsync(503, "server_error", "service_unavailable");
        }

        // Those that look every second have met the time-out of one second by then.
        var silent = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => Task.FromResult(silent.Elapsed > TimeSpan.FromSeconds(4)), "every service has met the silence");
        await set.Redis.ResumeAsync();

        await Eventually.TrueAsync(async () => await StatusAsync(gateway) == HttpStatusCode.OK, "the gateway is ready again");
        using var answer = await account.ChatAsync("x");
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestGateway gateway)
    {
        using var response = await gateway.Client.GetAsync(Ready);
        return response.StatusCode;
    }
}
