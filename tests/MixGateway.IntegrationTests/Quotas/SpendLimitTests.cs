using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>A call that turns out dearer than its hold: what balance and spend limits let it be charged, on each kind of store.</summary>
public abstract class SpendLimitTests(HotStoreServer server)
{
    private static readonly BillingPeriod Tomorrow = new("2026-11-23", "2026-11");
    private static readonly BillingPeriod NextMonth = new("2026-12-01", "2026-12");

    public static TheoryData<string, bool> Everywhere => new()
    {
        { nameof(RefusalKind.SpendPerDay), false },
        { nameof(RefusalKind.SpendPerDay), true },
        { nameof(RefusalKind.SpendPerMonth), false },
        { nameof(RefusalKind.SpendPerMonth), true },
        { nameof(RefusalKind.SpendTotal), false },
        { nameof(RefusalKind.SpendTotal), true },
    };

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Settle_DearerThanItsHold_IsChargedAtMostWhatTheSpendLimitLeaves(string kind, bool ofAccount)
    {
        var account = await AccountAsync(kind, ofAccount, 120);
        var other = await account.HoldAsync(50);
        var call = await account.HoldAsync(30);

        (await account.SettleAsync(call, 500)).Nanos.Should().Be(70, "30 were held and 40 were left");
        (await account.SettleAsync(call, 500)).Nanos.Should().Be(70);
        (await account.SettleAsync(other, 51)).Nanos.Should().Be(50, "the hold itself is always chargeable");
        (await account.AdmitAsync(1)).Refusal.Should().BeEquivalentTo(new { OfAccount = ofAccount, Limit = 120L, Remaining = 0L });
        (await account.SnapshotAsync()).Pending.Nanos.Should().Be(120);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Raise_DearerThanItsHold_TakesAtMostWhatTheSpendLimitLeaves(string kind, bool ofAccount)
    {
        var account = await AccountAsync(kind, ofAccount, 120);
        await account.HoldAsync(50);
        var call = await account.HoldAsync(30);

        (await account.Client.Calls.RaiseAsync(call, new Money(500))).Should().Be(new AmountAnswer(CallAnswer.Ok, new Money(70)));
        (await account.Client.Calls.RaiseAsync(call, new Money(500))).Amount.Nanos.Should().Be(70, "nothing is left");
        (await account.AdmitAsync(1)).Refusal.Should().BeEquivalentTo(new { OfAccount = ofAccount, Remaining = 0L });
        await account.Client.Calls.AckAsync(call, new Money(940), 2, new Money(60), atBooking: true);
        (await account.AdmitAsync(11)).Refusal!.Remaining.Should().Be(10, "what was charged counts, and not what was asked");
    }

    [Fact]
    public async Task Settle_SeveralLimits_IsBoundByTheTightest()
    {
        var account = new TestAccount(await server.EmptyAsync())
        {
            Limits = new CallLimits { SpendPerMonth = new Money(400) },
            KeyLimits = new CallLimits { SpendPerDay = new Money(200) },
        };
        await account.InstallAsync(300);
        (await account.SettleAsync(await account.HoldAsync(10), 150)).Nanos.Should().Be(150);
        (await account.SettleAsync(await account.HoldAsync(10), 150)).Nanos.Should().Be(50, "the key's day is used up");
        account.KeyLimits = CallLimits.None;
        await account.InstallAsync(300, version: 2);
        (await account.SettleAsync(await account.HoldAsync(10), 1000)).Nanos.Should().Be(100, "the balance is used up before the account's month");
    }

    [Fact]
    public async Task Settle_LimitLoweredBelowWhatIsHeld_StillChargesTheHold()
    {
        var account = await AccountAsync(nameof(RefusalKind.SpendTotal), ofAccount: false, 120);
        var call = await account.HoldAsync(100);
        account.KeyLimits = new CallLimits { SpendTotal = new Money(40) };
        await account.InstallAsync(1000, version: 2);
        (await account.SettleAsync(call, 110)).Nanos.Should().Be(100);
    }

    [Fact]
    public async Task Settle_DayIsOver_IsChargedItsHoldBecauseNobodyKnowsWhatThatDayLeft()
    {
        var account = await AccountAsync(nameof(RefusalKind.SpendPerDay), ofAccount: true, 120);
        var call = await account.HoldAsync(30);
        await account.HoldAsync(1, period: Tomorrow);
        (await account.SettleAsync(call, 90)).Nanos.Should().Be(30);
    }

    [Fact]
    public async Task Raise_MonthIsOver_LeavesTheHold()
    {
        var account = await AccountAsync(nameof(RefusalKind.SpendPerMonth), ofAccount: false, 120);
        var call = await account.HoldAsync(30);
        await account.HoldAsync(1, period: NextMonth);
        (await account.Client.Calls.RaiseAsync(call, new Money(90))).Amount.Nanos.Should().Be(30);
    }

    [Fact]
    public async Task Settle_KeyThatTheStoreLost_IsChargedItsHold()
    {
        var account = await AccountAsync(nameof(RefusalKind.SpendTotal), ofAccount: true, 500);
        var call = await account.HoldAsync(30);
        var keys = AccountShard.KeysOf(account.Id);
        await server.Connection.Database.HashDeleteAsync(keys[0], [$"k:{account.KeyId:N}", $"u:{account.KeyId:N}"]);
        (await account.SettleAsync(call, 90)).Nanos.Should().Be(30);
    }

    /// <summary>As after a restart of Redis during which the database took records: their acknowledgements come after the account is read again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Install_BookedCallsStillInFlight_CountOnce(bool isSettled)
    {
        var account = await AccountAsync(nameof(RefusalKind.SpendTotal), ofAccount: false, 100);
        var booked = await account.HoldAsync(30);
        var open = await account.HoldAsync(20);
        if (isSettled)
        {
            await account.SettleAsync(booked, 25);
            await account.SettleAsync(open, 20);
        }

        var inFlight = await account.Client.Accounts.InFlightAsync(account.Id);
        inFlight.Should().BeEquivalentTo([booked.RequestId, open.RequestId]);
        account.Spent = new Spent(TestAccount.Today, new Money(25), new Money(25), new Money(25));
        account.Client.Runner.StoreId = "another";
        await account.Client.Accounts.InstallAsync(account.State(975, 2) with { Booked = [new BookedInFlight(booked.RequestId, new Money(25))] });

        await account.Client.Calls.AckAsync(booked, new Money(975), 2, new Money(25));
        await account.Client.Calls.AckAsync(open, new Money(955), 3, new Money(20), atBooking: true);

        (await account.AdmitAsync(56)).Refusal.Should().BeEquivalentTo(new { Kind = RefusalKind.SpendTotal, Remaining = 55L });
        (await account.Client.Accounts.InFlightAsync(account.Id)).Should().BeEmpty();
        await account.HoldAsync(55);
    }

    [Fact]
    public async Task Settle_AmountsBeyondTwoToTheFiftyThree_AreBoundExactly()
    {
        var account = new TestAccount(await server.EmptyAsync()) { Limits = new CallLimits { SpendTotal = new Money(90_000_000_000_000_003) } };
        await account.InstallAsync(900_000_000_000_000_000);
        var call = await account.HoldAsync(10_000_000_000_000_001);
        (await account.SettleAsync(call, 99_999_999_999_999_999)).Nanos.Should().Be(90_000_000_000_000_003);
    }

    [Fact]
    public async Task Settle_MoreTokensThanTheBound_ClosesTheWindowForTheNextCalls()
    {
        var account = new TestAccount(await server.EmptyAsync()) { Limits = new CallLimits { TokensPerMinute = 100 } };
        await account.InstallAsync(1000);
        var first = await account.HoldAsync(1, tokens: 20);
        var second = await account.HoldAsync(1, tokens: 20);
        await account.SettleAsync(first, 1, tokens: 70);
        await account.Client.Calls.AckAsync(second, new Money(999), 2, new Money(1), tokens: 1_000_000);
        (await account.AdmitAsync(1, tokens: 0)).Refusal.Should().BeEquivalentTo(new { Kind = RefusalKind.Tokens, Remaining = 0L });
        account.Client.Pass(TimeSpan.FromMinutes(1));
        await account.HoldAsync(1, tokens: 100);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Race_TwentyCallsFarDearerThanTheirHolds_ChargeTheLimitAndNotMore(bool byDatabase)
    {
        var account = await AccountAsync(nameof(RefusalKind.SpendPerDay), ofAccount: false, 120);
        HotStoreClient[] replicas = [account.Client, new(server.Connection, HotStoreServer.Options), new(server.Connection, HotStoreServer.Options)];
        var calls = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => account.HoldAsync(5)));

        var charges = await Task.WhenAll(calls.Select((call, i) => Task.Run(async () =>
        {
            var store = replicas[i % 3].Calls;
            var answer = byDatabase ? await store.RaiseAsync(call, new Money(340)) : await store.SettleAsync(call, new Money(340), 0, default);
            answer.Answer.Should().Be(CallAnswer.Ok);
            return answer.Amount.Nanos;
        })));

        charges.Sum().Should().Be(120);
        charges.Should().OnlyContain(static charge => charge >= 5);
        (await account.AdmitAsync(1)).Refusal!.Kind.Should().Be(RefusalKind.SpendPerDay);
    }

    private async Task<TestAccount> AccountAsync(string kind, bool ofAccount, long limit)
    {
        var limits = kind switch
        {
            nameof(RefusalKind.SpendPerDay) => new CallLimits { SpendPerDay = new Money(limit) },
            nameof(RefusalKind.SpendPerMonth) => new CallLimits { SpendPerMonth = new Money(limit) },
            _ => new CallLimits { SpendTotal = new Money(limit) },
        };
        var account = new TestAccount(await server.EmptyAsync());
        (account.Limits, account.KeyLimits) = ofAccount ? (limits, CallLimits.None) : (CallLimits.None, limits);
        await account.InstallAsync(1000);
        return account;
    }
}

public sealed class SpendLimitsOnRedisTests(RedisHotStore server) : SpendLimitTests(server), IClassFixture<RedisHotStore>;

public sealed class SpendLimitsOnGarnetTests(GarnetHotStore server) : SpendLimitTests(server), IClassFixture<GarnetHotStore>;
