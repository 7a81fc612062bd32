using MixGateway.Billing;
using MixGateway.Quotas;
using StackExchange.Redis;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Counters put right by what the calls say, on each kind of store.</summary>
public abstract class RepairTests(HotStoreServer server)
{
    private static readonly TimeSpan Lease = HotStoreServer.Options.Value.Lease;

    [Fact]
    public async Task Repair_CountersThatDrifted_FollowTheCalls()
    {
        var account = await AccountAsync(100);
        await account.HoldAsync(10);
        await account.SettleAsync(await account.HoldAsync(20), 15);
        var keys = AccountShard.KeysOf(account.Id);
        await server.Connection.Database.HashSetAsync(keys[0], [new("held", 33), new("pend", 44)]);
        await server.Connection.Database.KeyDeleteAsync(keys[2]);
        var drift = await account.SnapshotAsync();
        (drift.Held.Nanos, drift.CallsHeld.Nanos, drift.Pending.Nanos, drift.CallsPending.Nanos).Should().Be((33, 10, 44, 15));
        (await account.Client.Accounts.RepairAsync(account.Id)).Should().Be(CallAnswer.Ok);
        var view = await account.ViewAsync();
        (view.Held.Nanos, view.Pending.Nanos).Should().Be((10, 15));
        await account.Client.Shards.ClaimAsync(account.Shard);
        account.Client.Pass(Lease * 0.4);
        await account.Client.Shards.ClaimAsync(account.Shard);
        account.Client.Pass(Lease * 0.4);
        await account.Client.Shards.ClaimAsync(account.Shard);
        account.Client.Pass(Lease * 0.4);
        (await account.Client.Shards.ClaimAsync(account.Shard)).Due.Should().HaveCount(2);
    }

    /// <summary>More keys than Lua hands to one command, and more calls than are worth looking at once for each key.</summary>
    [Fact]
    public async Task Repair_ManyKeysAndCalls_PutsEachCounterRight()
    {
        const int Keys = 9000;
        var account = await AccountAsync(1000);
        var call = await account.HoldAsync(10);
        var keys = AccountShard.KeysOf(account.Id);
        var database = server.Connection.Database;
        var payload = (string)(await database.HashGetAsync(keys[1], call.Id))!;
        await database.HashSetAsync(keys[1], [.. Enumerable.Range(0, 500).Select(_ => new HashEntry(Guid.NewGuid().ToString("N"), payload))]);
        await database.HashSetAsync(keys[0], [.. Enumerable.Range(0, Keys).Select(static i => new HashEntry($"u:{i:x32}", "0|0|0|7|2026-11-22|0|2026-11|0|0"))]);

        (await account.Client.Accounts.RepairAsync(account.Id)).Should().Be(CallAnswer.Ok);

        var after = await database.HashGetAllAsync(keys[0]);
        after.Where(static field => ((string)field.Name!).StartsWith("u:", StringComparison.Ordinal)).Should().HaveCount(Keys + 1)
            .And.OnlyContain(field => ((string)field.Value!).Split('|', StringSplitOptions.None)[3] == (field.Name == $"u:{account.KeyId:N}" ? "501" : "0"));
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Held = new Money(5010), CallsHeld = new Money(5010), Running = 501L, CallsRunning = 501L });
    }

    [Fact]
    public async Task Repair_ScriptThatFails_IsNoSilentStore()
    {
        var account = await AccountAsync(100);
        await server.Connection.Database.HashSetAsync(AccountShard.KeysOf(account.Id)[0], "u", "no usage at all");
        (await account.Client.Accounts.RepairAsync(account.Id)).Should().Be(CallAnswer.Broken);
        (await account.Client.Accounts.RepairAsync(Guid.NewGuid())).Should().Be(CallAnswer.Load);
    }

    private async Task<TestAccount> AccountAsync(long balance)
    {
        var account = new TestAccount(await server.EmptyAsync());
        await account.InstallAsync(balance);
        return account;
    }
}

public sealed class RepairsOnRedisTests(RedisHotStore server) : RepairTests(server), IClassFixture<RedisHotStore>;

public sealed class RepairsOnGarnetTests(GarnetHotStore server) : RepairTests(server), IClassFixture<GarnetHotStore>;
