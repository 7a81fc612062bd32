using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>What an admission asks of keys and limits, on each kind of store.</summary>
public abstract class LimitTests(HotStoreServer server)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Admit_SuspendedAccount_IsRefused()
    {
        var account = await AccountAsync(a => (a.IsSuspended, a.IsRevoked) = (true, true));
        (await account.AdmitAsync(1)).Refusal!.Kind.Should().Be(RefusalKind.AccountSuspended);
    }

    [Fact]
    public async Task Admit_RevokedKey_IsRefusedFromTheNextCallOn()
    {
        var account = await AccountAsync(_ => { });
        var running = await account.HoldAsync(10);
        account.IsRevoked = true;
        await account.InstallAsync(1000, version: 2);
        (await account.AdmitAsync(1)).Refusal!.Kind.Should().Be(RefusalKind.KeyRevoked);
        (await account.Client.Calls.ExtendAsync(running, Money.Zero, default)).Should().Be(CallAnswer.Ok);
        (await account.ViewAsync()).Key.Should().Be(KeyLife.Revoked);
    }

    [Fact]
    public async Task Admit_KeyRevokedBeforeABookingThatWasToldFirst_IsRefused()
    {
        var account = await AccountAsync(_ => { });
        var call = await account.HoldAsync(10);
        // The database revokes the key (version 2), then books the call (version 3); the second is told first.
        await account.Client.Calls.AckAsync(call, new Money(990), 3, new Money(10));
        account.IsRevoked = true;
        await account.InstallAsync(1000, version: 2);
        (await account.AdmitAsync(1)).Refusal!.Kind.Should().Be(RefusalKind.KeyRevoked);
        (await account.ViewAsync()).Base.Nanos.Should().Be(990);
    }

    /// <summary>As a server does that takes over with a clock of its own, or one whose clock is put right.</summary>
    [Fact]
    public async Task Admit_AfterTheClockWentBackByAnHour_BeginsAWindowAndDoesNotWaitForTheOldOne()
    {
        var account = await AccountAsync(a => a.Limits = new CallLimits { RequestsPerMinute = 2, TokensPerMinute = 100 });
        await account.HoldAsync(1, tokens: 50);
        await account.HoldAsync(1, tokens: 50);
        account.Client.Pass(TimeSpan.FromHours(-1));
        await account.HoldAsync(1, tokens: 50);
        await account.HoldAsync(1, tokens: 50);
        (await account.AdmitAsync(1)).Refusal!.RetryAfter.Should().BeGreaterThan(TimeSpan.Zero).And.BeLessOrEqualTo(Minute);
        account.Client.Pass(Minute);
        await account.HoldAsync(1);
    }

    [Fact]
    public async Task Admit_AfterTheClockWentBackByAMoment_GoesOnCounting()
    {
        var account = await AccountAsync(a => a.Limits = new CallLimits { RequestsPerMinute = 1 });
        await account.HoldAsync(1);
        account.Client.Pass(TimeSpan.FromMilliseconds(-500));
        (await account.AdmitAsync(1)).Refusal!.Kind.Should().Be(RefusalKind.Requests);
    }

    [Fact]
    public async Task Install_OlderPolicy_IsIgnored()
    {
        var account = await AccountAsync(a => a.IsRevoked = true, version: 5);
        account.IsRevoked = false;
        await account.InstallAsync(1000, version: 4);
        (await account.AdmitAsync(1)).Refusal!.Kind.Should().Be(RefusalKind.KeyRevoked);
    }

    [Fact]
    public async Task Admit_KeyPastItsExpiry_IsRefused()
    {
        var account = await AccountAsync(a => a.ExpiresAt = DateTime.UtcNow + Minute);
        await account.HoldAsync(1);
        account.Client.Pass(Minute);
        (await account.AdmitAsync(1)).Refusal!.Kind.Should().Be(RefusalKind.KeyExpired);
        (await account.ViewAsync()).Key.Should().Be(KeyLife.Expired);
    }

    [Fact]
    public async Task Admit_ConcurrencyUsedUp_IsRefusedUntilACallEnds()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { MaxConcurrent = 2 });
        var first = await account.HoldAsync(1);
        var second = await account.HoldAsync(1);
        (await account.AdmitAsync(1)).Refusal.Should().BeEquivalentTo(new { Kind = RefusalKind.Concurrency, OfAccount = false, Limit = 2L, Remaining = 0L });
        await account.SettleAsync(first, 1);
        await account.HoldAsync(1);
        await account.Client.Calls.AckAsync(second, new Money(999), 2, new Money(1));
        await account.HoldAsync(1);
        (await account.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Refused);
    }

    [Fact]
    public async Task Admit_RequestsUsedUp_IsRefusedUntilTheWindowOfItsFirstCallEnds()
    {
        var account = await AccountAsync(a => a.Limits = new CallLimits { RequestsPerMinute = 2 });
        (await account.AdmitAsync(1)).Requests.Should().BeEquivalentTo(new { Limit = 2L, Remaining = 1L });
        account.Client.Pass(Minute / 2);
        await account.HoldAsync(1);
        var refused = await account.AdmitAsync(1);
        refused.Refusal.Should().BeEquivalentTo(new { Kind = RefusalKind.Requests, OfAccount = true, Limit = 2L, Remaining = 0L });
        refused.Refusal!.RetryAfter.Should().BeGreaterThan(TimeSpan.FromSeconds(20)).And.BeLessOrEqualTo(TimeSpan.FromSeconds(30));
        refused.Requests!.Value.Remaining.Should().Be(0);
        account.Client.Pass(Minute / 2);
        (await account.AdmitAsync(1)).Requests.Should().BeEquivalentTo(new { Limit = 2L, Remaining = 1L });
    }

    [Fact]
    public async Task Admit_RefusedCalls_CountForNothing()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { RequestsPerMinute = 2, TokensPerMinute = 100 });
        for (var i = 0; i < 5; i++)
        {
            (await account.AdmitAsync(10_000)).Refusal!.Kind.Should().Be(RefusalKind.Balance);
        }

        await account.HoldAsync(1, tokens: 60);
        (await account.AdmitAsync(1, tokens: 41)).Refusal.Should().BeEquivalentTo(new { Kind = RefusalKind.Tokens, Limit = 100L, Remaining = 40L });
        await account.HoldAsync(1, tokens: 40);
    }

    [Fact]
    public async Task Settle_FewerTokensThanTheBound_GivesThemBackInTheSameWindow()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { TokensPerMinute = 100 });
        var call = await account.HoldAsync(1, tokens: 100);
        await account.SettleAsync(call, 1, tokens: 30);
        var next = await account.AdmitAsync(1, tokens: 70);
        next.Status.Should().Be(AdmissionStatus.Held);
        next.Tokens.Should().BeEquivalentTo(new { Limit = 100L, Remaining = 0L });
    }

    [Fact]
    public async Task Ack_OfACallThatWasNotSettled_GivesBackTheTokensThatItDidNotUse()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { TokensPerMinute = 100 });
        var call = await account.HoldAsync(1, tokens: 100);
        await account.Client.Calls.AckAsync(call, new Money(999), 2, new Money(1), tokens: 30);
        var next = await account.AdmitAsync(1, tokens: 70);
        next.Status.Should().Be(AdmissionStatus.Held);
        next.Tokens.Should().BeEquivalentTo(new { Limit = 100L, Remaining = 0L });
    }

    [Fact]
    public async Task Ack_OfASettledCall_LeavesTheTokensAsTheSettleCorrectedThem()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { TokensPerMinute = 100 });
        var call = await account.HoldAsync(1, tokens: 100);
        await account.SettleAsync(call, 1, tokens: 30);
        await account.Client.Calls.AckAsync(call, new Money(999), 2, new Money(1), tokens: 30);
        (await account.AdmitAsync(1, tokens: 71)).Refusal!.Kind.Should().Be(RefusalKind.Tokens);
        await account.HoldAsync(1, tokens: 70);
    }

    [Fact]
    public async Task Settle_AfterItsWindow_LeavesTheNextWindowAlone()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { TokensPerMinute = 100 });
        var call = await account.HoldAsync(1, tokens: 100);
        account.Client.Pass(Minute);
        await account.HoldAsync(1, tokens: 90);
        await account.SettleAsync(call, 1, tokens: 1);
        (await account.AdmitAsync(1, tokens: 11)).Refusal!.Kind.Should().Be(RefusalKind.Tokens);
    }

    [Fact]
    public async Task RateLimit_OfKeyAndAccount_TellsTheTighter()
    {
        var account = await AccountAsync(a =>
        {
            a.KeyLimits = new CallLimits { RequestsPerMinute = 10, TokensPerMinute = 50 };
            a.Limits = new CallLimits { RequestsPerMinute = 5, TokensPerMinute = 500 };
        });
        var admission = await account.AdmitAsync(1, tokens: 20);
        admission.Requests.Should().BeEquivalentTo(new { Limit = 5L, Remaining = 4L });
        admission.Tokens.Should().BeEquivalentTo(new { Limit = 50L, Remaining = 30L });
        admission.Requests!.Value.Reset.Should().BeGreaterThan(TimeSpan.FromSeconds(50)).And.BeLessOrEqualTo(Minute);
    }

    [Theory]
    [InlineData(nameof(RefusalKind.SpendPerDay))]
    [InlineData(nameof(RefusalKind.SpendPerMonth))]
    [InlineData(nameof(RefusalKind.SpendTotal))]
    public async Task Admit_SpendLimit_CountsHoldsThenCharges(string name)
    {
        var kind = Enum.Parse<RefusalKind>(name);
        var account = await AccountAsync(a => a.KeyLimits = SpendLimit(kind, 100));
        var call = await account.HoldAsync(80);
        (await account.AdmitAsync(21)).Refusal.Should().BeEquivalentTo(new { Kind = kind, OfAccount = false, Limit = 100L, Remaining = 20L });
        await account.SettleAsync(call, 30);
        await account.Client.Calls.AckAsync(call, new Money(970), 2, new Money(30));
        (await account.AdmitAsync(71)).Refusal!.Kind.Should().Be(kind);
        await account.HoldAsync(70);
    }

    [Fact]
    public async Task Admit_SpendPerDay_BeginsAnewWithTheNextDay()
    {
        var account = await AccountAsync(a => a.Limits = new CallLimits { SpendPerDay = new Money(100), SpendPerMonth = new Money(150) });
        var tomorrow = new BillingPeriod("2026-11-23", "2026-11");
        var old = await account.HoldAsync(100);
        await account.HoldAsync(50, period: tomorrow);
        (await account.AdmitAsync(1, period: tomorrow)).Refusal!.Kind.Should().Be(RefusalKind.SpendPerMonth);
        // The hold belongs to the day of its admission: what it gives back counts there and in the month.
        await account.SettleAsync(old, 40);
        (await account.AdmitAsync(51, period: tomorrow)).Refusal!.Kind.Should().Be(RefusalKind.SpendPerDay);
        await account.HoldAsync(50, period: tomorrow);
    }

    [Fact]
    public async Task Admit_ReplicaWhoseDayIsBehind_DoesNotOpenTheOldDayAgain()
    {
        var account = await AccountAsync(a => a.Limits = new CallLimits { SpendPerDay = new Money(100) });
        await account.HoldAsync(100, period: new BillingPeriod("2026-11-23", "2026-11"));
        (await account.AdmitAsync(1, period: TestAccount.Today)).Refusal!.Kind.Should().Be(RefusalKind.SpendPerDay);
    }

    [Fact]
    public async Task Install_AfterALoss_StartsSpendFromTheDatabase()
    {
        var account = await AccountAsync(a =>
        {
            a.KeyLimits = SpendLimit(RefusalKind.SpendPerMonth, 100);
            a.Spent = new Spent(TestAccount.Today, new Money(10), new Money(90), new Money(500));
        });
        (await account.AdmitAsync(11)).Refusal!.Remaining.Should().Be(10);
        await account.HoldAsync(10);
    }

    [Fact]
    public async Task Install_AccountLostButNotItsCalls_CountsThemAgain()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { MaxConcurrent = 2, SpendTotal = new Money(100) });
        await account.SettleAsync(await account.HoldAsync(50), 30);
        await account.HoldAsync(40);
        await server.Connection.Database.KeyDeleteAsync(AccountShard.KeysOf(account.Id)[0]);
        await account.InstallAsync(1000);
        (await account.ViewAsync()).Should().BeEquivalentTo(new { Held = new Money(40), Pending = new Money(30) });
        (await account.AdmitAsync(31)).Refusal.Should().BeEquivalentTo(new { Kind = RefusalKind.SpendTotal, Remaining = 30L });
        await account.HoldAsync(30);
        (await account.AdmitAsync(0)).Refusal!.Kind.Should().Be(RefusalKind.Concurrency);
    }

    [Fact]
    public async Task Admit_SeveralLimitsExceeded_NamesTheFirstInOrder()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits
        {
            MaxConcurrent = 1,
            RequestsPerMinute = 1,
            TokensPerMinute = 1,
            SpendPerDay = new Money(1),
        });
        var call = await account.HoldAsync(1, tokens: 1);
        (await account.AdmitAsync(5000, tokens: 9)).Refusal!.Kind.Should().Be(RefusalKind.Concurrency);
        await account.SettleAsync(call, 1, tokens: 1);
        (await account.AdmitAsync(5000, tokens: 9)).Refusal!.Kind.Should().Be(RefusalKind.Requests);
        account.Client.Pass(Minute);
        (await account.AdmitAsync(5000, tokens: 9)).Refusal!.Kind.Should().Be(RefusalKind.Tokens);
        (await account.AdmitAsync(5000, tokens: 1)).Refusal!.Kind.Should().Be(RefusalKind.SpendPerDay);
    }

    [Fact]
    public async Task Install_ManyKeys_InstallsEach()
    {
        var client = await server.EmptyAsync();
        var account = new TestAccount(client);
        var keys = Enumerable.Range(0, 1201).Select(_ => new KeyState(Guid.NewGuid(), false, null, CallLimits.None, TestAccount.NothingSpent)).ToList();
        (await client.Accounts.InstallAsync(account.State(100, 1) with { Keys = keys })).Should().BeTrue();
        foreach (var key in new[] { keys[0], keys[499], keys[500], keys[1200] })
        {
            (await client.Calls.AdmitAsync(account.Request(1) with { KeyId = key.KeyId })).Status.Should().Be(AdmissionStatus.Held);
        }
    }

    [Fact]
    public async Task Race_FourHundredAdmissionsOfWhichTenFit_AdmitsTen()
    {
        var account = await AccountAsync(_ => { });
        var admissions = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(async () => await account.AdmitAsync(100))));
        admissions.Count(a => a.Status is AdmissionStatus.Held).Should().Be(10);
        admissions.Where(a => a.Status is not AdmissionStatus.Held).Should().OnlyContain(a => a.Refusal!.Kind == RefusalKind.Balance);
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Held = new Money(1000), CallsHeld = new Money(1000), Calls = 10L });
    }

    [Fact]
    public async Task Race_TenTimesTheRequestLimitFromThreeReplicas_AdmitsExactlyTheLimit()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { RequestsPerMinute = 40 });
        HotStoreClient[] replicas = [account.Client, new(server.Connection, HotStoreServer.Options), new(server.Connection, HotStoreServer.Options)];
        var admissions = await Task.WhenAll(Enumerable.Range(0, 400).Select(i =>
            Task.Run(async () => await replicas[i % 3].Calls.AdmitAsync(account.Request(1)))));
        admissions.Count(a => a.Status is AdmissionStatus.Held).Should().Be(40);
    }

    [Fact]
    public async Task Race_AdmitSettleAck_LeavesExactBooks()
    {
        var account = await AccountAsync(_ => { });
        var version = 1L;
        var balance = 1000L;
        var gate = new Lock();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            var admission = await account.AdmitAsync(50);
            if (admission.Ticket is not { } ticket)
            {
                return;
            }

            var charge = await account.SettleAsync(ticket, i % 7);
            (Money Balance, long Version) booked;
            lock (gate)
            {
                booked = (new Money(balance -= charge.Nanos), ++version);
            }

            await account.Client.Calls.AckAsync(ticket, booked.Balance, booked.Version, charge);
        })));
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new
        {
            Base = new Money(balance),
            Version = version,
            Pending = Money.Zero,
            Held = Money.Zero,
            Running = 0L,
            Calls = 0L,
        });
    }

    private static CallLimits SpendLimit(RefusalKind kind, long amount) => kind switch
    {
        RefusalKind.SpendPerDay => new CallLimits { SpendPerDay = new Money(amount) },
        RefusalKind.SpendPerMonth => new CallLimits { SpendPerMonth = new Money(amount) },
        _ => new CallLimits { SpendTotal = new Money(amount) },
    };

    private async Task<TestAccount> AccountAsync(Action<TestAccount> configure, long version = 1)
    {
        var account = new TestAccount(await server.EmptyAsync());
        configure(account);
        await account.InstallAsync(1000, version);
        return account;
    }
}

public sealed class LimitsOnRedisTests(RedisHotStore server) : LimitTests(server), IClassFixture<RedisHotStore>;

public sealed class LimitsOnGarnetTests(GarnetHotStore server) : LimitTests(server), IClassFixture<GarnetHotStore>;
