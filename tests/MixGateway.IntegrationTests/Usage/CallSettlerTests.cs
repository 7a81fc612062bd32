using Microsoft.Extensions.DependencyInjection;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Tests.Usage;
using MixGateway.Usage;
using TestAccount = MixGateway.IntegrationTests.Fixtures.TestAccount;

namespace MixGateway.IntegrationTests.Usage;

/// <summary>Ends of calls that do not go the straight way.</summary>
public sealed class CallSettlerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task End_OfACallThatCostMoreThanItHeldAndWasRestored_IsChargedWhatElseIsAvailable(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        var held = new HeldCall(await gateway.HoldAsync(account, HotAccount.Units(1))) { DatabaseOnly = true };
        await gateway.HoldAsync(account, HotAccount.Units(6));

        (await SettleAsync(gateway, held, HotAccount.Units(5))).Should().Be(BookingResult.Booked);

        var record = await account.OnlyCallAsync();
        (record.Cost, record.Charged).Should().Be(("5", "4"), "6 of 10 are held by another call");
    }

    /// <summary>Somebody who read the account before the booking brings it in after that: the charge must not come back as balance.</summary>
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task End_WhileTheStoreThatLostTheAccountIsToldAnOldBalance_LeavesTheNewOne(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        var held = new HeldCall(await gateway.HoldAsync(account, HotAccount.Units(4)));
        var before = (await gateway.Services.GetRequiredService<AccountStateReader>().ReadAsync(account.Id, [], () => [account.KeyId]))!.State;
        await gateway.Services.GetRequiredService<HotStoreConnection>().Database.KeyDeleteAsync(held.Ticket.Keys);

        (await SettleAsync(gateway, held, HotAccount.Units(3))).Should().Be(BookingResult.Booked);
        (await gateway.AdmitAsync(account, HotAccount.Units(1))).Status.Should().Be(AdmissionStatus.Load, "all that is known of the account is what was booked");
        await gateway.Services.GetRequiredService<AccountStore>().InstallAsync(before);

        (await gateway.InspectAsync(account)).Should().BeEquivalentTo(new { Base = HotAccount.Units(7), Available = HotAccount.Units(7) });
    }

    /// <summary>The true usage is known, in one process: another replica must not take the call for dead and bill less of it.</summary>
    [Fact]
    public async Task End_WhileTheDatabaseIsAwayForLongerThanALease_IsBookedAsItWasOnceItIsBack()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await PostgresServer.StartNewAsync();
        await postgres.CreateDatabaseAsync("gateway");
        string[] settings =
        [
            $"ConnectionStrings:Postgres={postgres.ConnectionString("gateway")}", $"ConnectionStrings:Redis={redis.ConnectionString}",
            "Quotas:Lease=00:00:03", "Quotas:Heartbeat=00:00:00.5", "Quotas:Sweep=00:00:00.5", "Quotas:SettleTimeout=00:00:00.5",
        ];
        await using var gateway = await TestGateway.StartAsync(settings);
        await using var other = await TestGateway.StartAsync(settings);
        var account = await gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=3+prompt=777+usage=always+stall=2:2000", stream: true));
        await caller.ReadUntilAsync("\"finish_reason\":", 2);
        var id = (await gateway.Services.GetRequiredService<ShardStore>().ListAsync(account.Id))!.Single().RequestId;
        await postgres.StopAsync();
        await caller.ReadUntilAsync("service_unavailable");
        caller.Received.Should().NotContain("[DONE]");

        var endedAt = await DueAsync(gateway, account, id);
        await Eventually.TrueAsync(async () => await DueAsync(gateway, account, id) > endedAt + 4000, "the call is kept alive for longer than a lease", Patience);
        (await gateway.Services.GetRequiredService<ShardStore>().FindAsync(id)).Value!.State.Should().Be(StoredCallState.Held);
        await postgres.StartAsync();

        var record = await Eventually.GetAsync(async () => await TryReadAsync(account) is { Count: > 0 } calls ? calls : null, "a record", Patience);
        CallRecord.Of(record.Single()).Should().BeEquivalentTo(new { Status = "completed", UsageSource = "reported", PromptTokens = 777, CompletionTokens = 3 });
        await Eventually.TrueAsync(async () => (await gateway.InspectAsync(account)).Held == Money.Zero, "nothing is held any more");
        await account.ShouldAddUpAsync();
    }

    private static ValueTask<BookingResult> SettleAsync(TestGateway gateway, HeldCall held, Money cost)
    {
        var ticket = held.Ticket;
        var record = BooksBench.Record(ticket.AccountId, cost.Nanos, key: ticket.KeyId) with { RequestId = ticket.RequestId, StartedAt = UsageRecord.StartOf(ticket.RequestId) };
        return gateway.Services.GetRequiredService<CallSettler>().SettleAsync(held, record);
    }

    private static async Task<double> DueAsync(TestGateway gateway, TestAccount account, Guid id) =>
        await gateway.Services.GetRequiredService<HotStoreConnection>().Database.SortedSetScoreAsync(AccountShard.KeysOf(account.Id)[2], id.ToString("N")) ?? 0;

    /// <summary>Null while the database is still to be found.</summary>
    private static async Task<IReadOnlyList<System.Text.Json.JsonElement>?> TryReadAsync(TestAccount account)
    {
        using var response = await account.Gateway.Admin.GetAsync(new Uri($"/api/v1/accounts/{account.Id}/usage", UriKind.Relative));
        return response.IsSuccessStatusCode ? await account.UsageAsync() : null;
    }
}
