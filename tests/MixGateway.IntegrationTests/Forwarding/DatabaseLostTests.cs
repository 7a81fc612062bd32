using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class DatabaseLostTests
{
    [Fact]
    public async Task Postgres_LostWhileRunning_Answers503AndNever401()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await server.CreateDatabaseAsync("gateway");
        await using var gateway = await TestGateway.StartAsync(
            $"ConnectionStrings:Postgres={server.ConnectionString("gateway")};Timeout=2;Command Timeout=2", "Quotas:SettleTimeout=00:00:00.5");
        var known = await gateway.CreateAccountAsync();
        var fresh = await gateway.CreateAccountAsync();
        using var before = await known.ChatAsync("sim");

        await server.StopAsync();
        using var running = await known.ChatAsync("sim+chunks=2", stream: true);
        var text = await running.Content.ReadAsStringAsync();
        using var firstUse = await fresh.ChatAsync("sim");
        using var refused = await Eventually.GetAsync(
            async () => (await known.ChatAsync("sim")) is { StatusCode: HttpStatusCode.ServiceUnavailable } response ? response : null, "a refusal");
        await server.StartAsync();

        before.StatusCode.Should().Be(HttpStatusCode.OK);
        text.Should().NotContain("[DONE]").And.Contain("service_unavailable");
        await firstUse.ShouldFailAsync(503, "server_error", "service_unavailable");
        await refused.ShouldFailAsync(503, "server_error", "service_unavailable");
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await fresh.ChatAsync("sim");
                return response.StatusCode == HttpStatusCode.OK;
            },
            "calls are taken again");
        (await known.UsageAsync()).Select(CallRecord.Of).Select(record => record.RequestId).Should().Contain([before.RequestId(), running.RequestId()]);
        await known.ShouldAddUpAsync();
        await fresh.ShouldAddUpAsync();
    }
}
