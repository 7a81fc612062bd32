using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>From SIGTERM until the last call has ended the gateway can be asked, and says no in words.</summary>
public sealed class DrainingTests
{
    [Fact]
    public async Task Stop_WhileAStreamRuns_AnswersMetricsHealthAndCallersOnAnyConnection()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync();
        using var running = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=3+stall=2:4000", stream: true));
        await running.ReadUntilAsync("\"finish_reason\":", 1);
        var kept = await KeptAsync(account);

        var stop = gateway.StopAsync();
        using var fresh = gateway.NewClient();
        using var ready = await fresh.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using var metrics = await fresh.GetAsync(new Uri("/metrics", UriKind.Relative));

        ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        metrics.StatusCode.Should().Be(HttpStatusCode.OK);
        (await metrics.Content.ReadAsStringAsync()).Should().Contain("mixgateway_");
        await ShouldBeRefusedAsync(kept);
        await running.ReadUntilAsync("data: [DONE]\n\n");
        await stop;
    }

    [Fact]
    public async Task Stop_WithNothingRunning_RefusesCallersOnKeptConnectionsInWords()
    {
        await using var gateway = await TestGateway.StartAsync();
        var kept = await KeptAsync(await gateway.CreateAccountAsync());

        var stop = gateway.StopAsync();
        await ShouldBeRefusedAsync(kept);
        await stop;
    }

    private static async Task<HttpClient[]> KeptAsync(TestAccount account)
    {
        var clients = Enumerable.Range(0, 16).Select(_ => account.Gateway.NewClient(account.Key)).ToArray();
        foreach (var client in clients)
        {
            using var answer = await client.GetAsync(new Uri("/v1/models", UriKind.Relative));
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        return clients;
    }

    private static async Task ShouldBeRefusedAsync(HttpClient[] clients)
    {
        foreach (var client in clients)
        {
            using var content = new StringContent(Calls.ChatBody("late"), null, "application/json");
            using var answer = await client.PostAsync(new Uri(Calls.ChatPath, UriKind.Relative), content);

            answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            answer.Headers.ConnectionClose.Should().BeTrue();
            (await answer.Content.ReadAsStringAsync()).Should().Contain("service_unavailable");
            client.Dispose();
        }
    }
}
