using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Forwarding;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class BufferBudgetTests
{
    private const int BodyBytes = 900_000;

    /// <summary>Two bodies fit into the budget, and one into the share of an account that has no more free than that.</summary>
    private static readonly string[] Settings = ["Limits:MaxRequestBody=1000000", "Limits:MaxBufferedBytes=2500000"];

    private static readonly string Body = Calls.ChatBody("sim", members: $",\"user\":\"{new string('x', BodyBytes)}\"");

    [Fact]
    public async Task Bodies_ThatTogetherAreTooMuch_Answer503UntilThereIsRoom()
    {
        await using var gateway = await TestGateway.StartAsync(Settings);
        var third = await gateway.CreateAccountAsync();
        using (var first = await BeginAsync(gateway, await gateway.CreateAccountAsync()))
        using (var second = await BeginAsync(gateway, await gateway.CreateAccountAsync()))
        {
            var budget = gateway.Services.GetRequiredService<BufferBudget>();
            await Eventually.TrueAsync(() => Task.FromResult(budget.Used > 2 * (BodyBytes - 1000)), "two bodies held");

            using var refused = await third.PostAsync(Body);

            await refused.ShouldFailAsync(503, "server_error", "service_unavailable");
            refused.Headers.RetryAfter!.Delta.Should().BePositive();
            using var small = await third.ChatAsync("sim");
            small.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await ShouldTakeABodyAsync(third);
    }

    [Fact]
    public async Task Bodies_OfOneAccount_LeaveRoomForOthers()
    {
        await using var gateway = await TestGateway.StartAsync(Settings);
        var greedy = await gateway.CreateAccountAsync();
        using (var first = await BeginAsync(gateway, greedy))
        {
            var budget = gateway.Services.GetRequiredService<BufferBudget>();
            await Eventually.TrueAsync(() => Task.FromResult(budget.Used > BodyBytes - 1000), "a body held");

            using var refused = await greedy.PostAsync(Body);

            await refused.ShouldFailAsync(503, "server_error", "service_unavailable");
            await ShouldTakeABodyAsync(await gateway.CreateAccountAsync());
            var metrics = await gateway.ReadMetricsAsync();
            metrics.Single(static sample => sample.Name == "mixgateway_bodies_refused_total" && sample.Has("scope", "account")).Value.Should().Be(1);
            metrics.Single(static sample => sample.Name == "mixgateway_bodies_limit_bytes").Value.Should().Be(2_500_000);
        }

        await ShouldTakeABodyAsync(greedy);
    }

    /// <summary>What is declared costs nothing until it comes.</summary>
    [Fact]
    public async Task Bodies_ThatAreOnlyDeclared_TakeNothingFromOthers()
    {
        await using var gateway = await TestGateway.StartAsync(Settings);
        var slow = await gateway.CreateAccountAsync();
        var callers = new List<RawCaller>();
        for (var i = 0; i < 33; i++)
        {
            callers.Add(await RawCaller.ConnectAsync(gateway));
            await callers[i].SendAsync(RawCaller.Head(slow, 999_999) + "{" + new string(' ', 500));
        }

        await ShouldTakeABodyAsync(slow);
        gateway.Services.GetRequiredService<BufferBudget>().Used.Should().BeLessThan(100_000);
        callers.ForEach(static caller => caller.Dispose());
    }

    /// <summary>Sends a call but for the end of its body.</summary>
    private static async Task<RawCaller> BeginAsync(TestGateway gateway, TestAccount account)
    {
        var caller = await RawCaller.ConnectAsync(gateway);
        await caller.SendAsync(RawCaller.Head(account, Body.Length) + Body[..^100]);
        return caller;
    }

    private static Task ShouldTakeABodyAsync(TestAccount account) => Eventually.TrueAsync(
        async () =>
        {
            using var response = await account.PostAsync(Body);
            return response.StatusCode == HttpStatusCode.OK;
        },
        "room again");
}
