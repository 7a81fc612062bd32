using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Accounts and keys that nobody uses leave the store, on each kind of store.</summary>
public abstract class EvictionTests(HotStoreServer server)
{
    private static readonly TimeSpan Idle = TimeSpan.FromDays(7);

    [Fact]
    public async Task Evict_AccountThatNobodyUses_LeavesAndIsReadAnewOnUse()
    {
        var account = await AccountAsync();
        var call = await account.HoldAsync(10);
        await account.SettleAsync(call, 7);
        await account.Client.Calls.AckAsync(call, new Money(993), 2, new Money(7), atBooking: true);
        account.Client.Pass(Idle - TimeSpan.FromMinutes(2));
        (await EvictAsync(account)).Should().Be((0, 0), "it was used less long ago");
        account.Client.Pass(TimeSpan.FromMinutes(4));

        (await EvictAsync(account)).Should().Be((1, 1));

        (await server.Connection.Database.KeyExistsAsync(AccountShard.KeysOf(account.Id)[0])).Should().BeFalse();
        (await account.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Load);
        account.Spent = new Spent(TestAccount.Today, new Money(7), new Money(7), new Money(7));
        account.KeyLimits = new CallLimits { SpendTotal = new Money(10) };
        await account.InstallAsync(993, version: 2);
        (await account.AdmitAsync(4)).Refusal!.Remaining.Should().Be(3);
        await account.HoldAsync(3);
        (await EvictAsync(account)).Should().Be((0, 0));
    }

    [Theory]
    [InlineData("held")]
    [InlineData("settled")]
    [InlineData("abandoned")]
    [InlineData("debited")]
    public async Task Evict_SomethingInFlight_NeverLeaves(string what)
    {
        var account = await AccountAsync();
        switch (what)
        {
            case "debited":
                (await account.Client.Accounts.DebitAsync(Guid.CreateVersion7(), account.Id, new Money(5), default)).Status.Should().Be(DebitStatus.Held);
                break;
            case "settled":
                await account.SettleAsync(await account.HoldAsync(10), 0);
                break;
            default:
                await account.HoldAsync(10);
                break;
        }

        account.Client.Pass(Idle * 2);
        if (what is "abandoned")
        {
            foreach (var call in (await account.Client.Shards.ListAsync(account.Id))!)
            {
                (await account.Client.Shards.AbandonAsync(call)).Should().NotBeNull();
            }
        }

        (await EvictAsync(account)).Accounts.Should().Be(0);
        (await account.SnapshotAsync()).Base.Nanos.Should().Be(1000);
    }

    [Fact]
    public async Task Evict_CallThatTheCountersDoNotKnow_KeepsTheAccount()
    {
        var account = await AccountAsync();
        await account.HoldAsync(10);
        await server.Connection.Database.HashSetAsync(AccountShard.KeysOf(account.Id)[0], "held", "0");
        account.Client.Pass(Idle * 2);
        (await EvictAsync(account)).Should().Be((0, 0));
    }

    [Fact]
    public async Task Evict_KeyThatNobodyUsesOfAnAccountThatIsUsed_LeavesAlone()
    {
        var account = await AccountAsync();
        var (unused, busy) = (NewKey(), NewKey());
        (await account.Client.Accounts.InstallAsync(account.State(1000, 1) with { Keys = [unused, busy] })).Should().BeTrue();
        var long1 = await account.Client.Calls.AdmitAsync(account.Request(1) with { KeyId = busy.KeyId });
        await account.Client.Calls.AdmitAsync(account.Request(1) with { KeyId = unused.KeyId });
        var brief = (await account.Client.Shards.ListAsync(account.Id))!.Single(call => call.KeyId == unused.KeyId);
        await account.Client.Shards.AckAsync(brief, new SweptBooking(new Money(999), 2, new Money(1), true));
        account.Client.Pass(Idle * 2);
        await account.HoldAsync(1);

        (await EvictAsync(account)).Should().Be((0, 1));

        (await account.Client.Calls.AdmitAsync(account.Request(1) with { KeyId = unused.KeyId })).Status.Should().Be(AdmissionStatus.Load);
        (await account.Client.Calls.SettleAsync(long1.Ticket!, new Money(1), 0, default)).Answer.Should().Be(CallAnswer.Ok);
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Running = 1L, CallsRunning = 1L });
    }

    [Fact]
    public async Task Evict_BroughtInAndNeverUsed_StaysForAsLong()
    {
        var account = await AccountAsync();
        account.Client.Pass(Idle - TimeSpan.FromMinutes(1));
        (await EvictAsync(account)).Should().Be((0, 0));
        account.Client.Pass(TimeSpan.FromMinutes(2));
        (await EvictAsync(account)).Should().Be((1, 1));
    }

    [Fact]
    public async Task Evict_WhatABookingLeftOfALostAccount_LeavesToo()
    {
        var account = await AccountAsync();
        var call = await account.HoldAsync(10);
        await server.Connection.Database.KeyDeleteAsync([.. AccountShard.KeysOf(account.Id)]);
        await account.Client.Calls.AckAsync(call, new Money(990), 2, new Money(10));
        (await EvictAsync(account)).Should().Be((0, 0), "from now on it is known since when");
        account.Client.Pass(Idle * 2);
        (await EvictAsync(account)).Should().Be((1, 0));
    }

    private static KeyState NewKey() => new(Guid.NewGuid(), false, null, CallLimits.None, TestAccount.NothingSpent);

    private static async Task<(long Accounts, long Keys)> EvictAsync(TestAccount account) => await account.Client.Accounts.EvictAsync(account.Id, Idle);

    private async Task<TestAccount> AccountAsync()
    {
        var account = new TestAccount(await server.EmptyAsync());
        await account.InstallAsync(1000);
        return account;
    }
}

public sealed class EvictionOnRedisTests(RedisHotStore server) : EvictionTests(server), IClassFixture<RedisHotStore>;

public sealed class EvictionOnGarnetTests(GarnetHotStore server) : EvictionTests(server), IClassFixture<GarnetHotStore>;
