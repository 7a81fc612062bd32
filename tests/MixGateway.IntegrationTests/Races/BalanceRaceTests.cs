using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Races;

/// <summary>One balance, three replicas, and far more callers at once than it pays for.</summary>
public sealed class BalanceRaceTests
{
    private const int Callers = 400;
    private const int Fit = 37;
    private const string Limit = ",\"max_tokens\":1000";

    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Calls_ThatDoNotEnd_RunAsManyAsTheBalancePaysForAndTheOthersAreToldAtOnce(GatewayStores stores)
    {
        await using var replicas = await Replicas.StartAsync(stores);
        var hold = await Race.HoldOfAsync(replicas, Race.Endless, stream: true, Limit);
        var account = await replicas.First.CreateAccountAsync(Units((Fit * hold) + (hold / 2)));
        var watch = new BalanceWatch(replicas, account);

        using (var race = await Race.RunAsync(replicas, account, Callers, Race.Endless, stream: true, Limit))
        {
            race.Admitted.Should().HaveCount(Fit);
            race.ShouldAllBeRefusedAs(402, "insufficient_quota");
            (await account.UsageAsync()).Should().BeEmpty("no call has ended, so no refusal waited for one to end");
        }

        await ShouldSettleAsync(replicas, account);
        await watch.ShouldHaveSeenNothingWrongAsync();
    }

    /// <summary>Each call costs exactly what it held, so however calls and their ends mix, the balance pays for as many.</summary>
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Calls_ThatCostWhatTheyHold_EndAsManyAsTheBalancePaysFor(GatewayStores stores)
    {
        await using var replicas = await Replicas.StartAsync(stores);
        var hold = await Race.HoldOfAsync(replicas, "x+prompt=00000+completion=1000+first=000020", stream: false, Limit);
        var prompt = (hold - 2_000_000) / 1000;
        var account = await replicas.First.CreateAccountAsync(Units((Fit * hold) + 1));
        var watch = new BalanceWatch(replicas, account);

        using var race = await Race.RunAsync(
            replicas, account, Callers, string.Create(CultureInfo.InvariantCulture, $"x+prompt={prompt:D5}+completion=1000+first=000020"), stream: false, Limit);

        race.Admitted.Should().HaveCount(Fit);
        race.ShouldAllBeRefusedAs(402, "insufficient_quota");
        await ShouldSettleAsync(replicas, account);
        (await account.UsageAsync()).Select(CallRecord.Of).Should().OnlyContain(record => record.Status == "completed" && CallRecords.Nanos(record.Charged) == hold);
        (await account.ReadAsync()).GetProperty("balance").GetString().Should().Be("0.000000001");
        await watch.ShouldHaveSeenNothingWrongAsync();
    }

    /// <summary>Each call fits the balance by what it may cost, and each turns out to cost all of it.</summary>
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Calls_FarDearerThanTheirHolds_UseUpTheBalanceAndNotMore(GatewayStores stores)
    {
        await using var replicas = await Replicas.StartAsync(stores);
        var account = await replicas.First.CreateAccountAsync("0.12");
        var watch = new BalanceWatch(replicas, account);

        using var race = await Race.RunAsync(replicas, account, Fit, "x+prompt=120000+first=1000", stream: true, Limit);

        race.Admitted.Should().HaveCountGreaterThan(1);
        race.Refused.Should().NotContain(static error => error.Code != "insufficient_quota", "on a busy machine some come when the balance is used up");
        await ShouldSettleAsync(replicas, account, race.Admitted.Count);
        (await account.UsageAsync()).Select(CallRecord.Of).Sum(static record => CallRecords.Nanos(record.Charged)).Should().Be(120_000_000);
        (await account.ReadAsync()).GetProperty("balance").GetString().Should().Be("0");
        await watch.ShouldHaveSeenNothingWrongAsync();
    }

    /// <summary>Nothing is held, each call has its record, it adds up, and the hot store says the same as the database.</summary>
    private static async Task ShouldSettleAsync(Replicas replicas, TestAccount account, int calls = Fit)
    {
        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count >= calls, "a record of each call that ran");
        await Eventually.TrueAsync(async () => (await account.ReadAsync()).GetProperty("held").GetString() == "0", "every hold given back");
        (await account.UsageAsync()).Should().HaveCount(calls);
        await account.ShouldAddUpAsync();
        var balance = CallRecords.Nanos((await account.ReadAsync()).GetProperty("balance").GetString()!);
        await Eventually.TrueAsync(
            async () => (await replicas.First.Services.GetRequiredService<AccountStore>().SnapshotAsync(account.Id)).Value is
            {
                Calls: 0, Running: 0, Pending.Nanos: 0, Held.Nanos: 0,
            } hot && hot.Base.Nanos == balance,
            "the hot store says what the database says");
    }

    private static string Units(long nanos) => (nanos / 1_000_000_000m).ToString(CultureInfo.InvariantCulture);
}
