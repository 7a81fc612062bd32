using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>What is asked before a body is read, on each kind of store. It refuses what admission would refuse, and changes nothing.</summary>
public abstract class PeekTests(HotStoreServer server)
{
    private const long Balance = 1000;

    [Fact]
    public async Task Peek_UnknownAccountOrKey_AsksToLoad()
    {
        var unknown = new TestAccount(await server.EmptyAsync());
        (await PeekAsync(unknown)).Status.Should().Be(AdmissionStatus.Load);

        var account = await AccountAsync();
        (await account.Client.Calls.PeekAsync(account.Id, Guid.NewGuid(), KeyVersion.Any, TestAccount.Today, true)).Status.Should().Be(AdmissionStatus.Load);
    }

    [Fact]
    public async Task Peek_ChangeOfTheKeyThatNeverCame_AsksToLoad()
    {
        var account = await AccountAsync();
        (await account.Client.Calls.PeekAsync(account.Id, account.KeyId, new KeyVersion(2, 2), TestAccount.Today, true)).Status.Should().Be(AdmissionStatus.Load);
    }

    [Fact]
    public async Task Peek_OfAContentsThatWasReplaced_AsksToLoad()
    {
        var account = await AccountAsync();
        account.Client.Runner.StoreId = "another";
        (await PeekAsync(account)).Status.Should().Be(AdmissionStatus.Load);
    }

    [Fact]
    public async Task Peek_WithCredit_IsOpenAndChangesNothing()
    {
        var account = await AccountAsync(static a => (a.Limits, a.KeyLimits) = (new CallLimits { RequestsPerMinute = 1, MaxConcurrent = 1 }, new CallLimits { SpendPerDay = new Money(1) }));

        for (var i = 0; i < 3; i++)
        {
            (await PeekAsync(account)).Status.Should().Be(AdmissionStatus.Open);
        }

        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Held = Money.Zero, Calls = 0L, Running = 0L });
        await account.HoldAsync(1);
    }

    [Fact]
    public async Task Peek_DeadKeyOrAccount_IsRefused()
    {
        var suspended = await AccountAsync(static a => (a.IsSuspended, a.IsRevoked) = (true, true));
        (await PeekAsync(suspended)).Refusal!.Kind.Should().Be(RefusalKind.AccountSuspended);

        var revoked = await AccountAsync(static a => a.IsRevoked = true);
        (await PeekAsync(revoked)).Refusal.Should().Match<Refusal>(static refusal => refusal.Kind == RefusalKind.KeyRevoked && !refusal.OfAccount);

        var expired = await AccountAsync(static a => a.ExpiresAt = DateTime.UtcNow.AddSeconds(-5));
        (await PeekAsync(expired)).Refusal!.Kind.Should().Be(RefusalKind.KeyExpired);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Peek_AsManyCallsAsMayRun_IsRefusedUntilOneEnds(bool ofAccount)
    {
        var account = await LimitedAsync(ofAccount, new CallLimits { MaxConcurrent = 2 });
        await account.HoldAsync(1);
        var last = await account.HoldAsync(1);

        (await PeekAsync(account)).Refusal.Should().Match<Refusal>(refusal => refusal.Kind == RefusalKind.Concurrency && refusal.OfAccount == ofAccount && refusal.Limit == 2);

        await account.SettleAsync(last, 1);
        (await PeekAsync(account)).Status.Should().Be(AdmissionStatus.Open);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Peek_AsManyRequestsAsTheMinuteHas_IsRefusedUntilItIsOver(bool ofAccount)
    {
        var account = await LimitedAsync(ofAccount, new CallLimits { RequestsPerMinute = 1 });
        await account.HoldAsync(1);

        var refused = await PeekAsync(account);

        refused.Refusal.Should().Match<Refusal>(refusal => refusal.Kind == RefusalKind.Requests && refusal.OfAccount == ofAccount && refusal.RetryAfter > TimeSpan.Zero);
        refused.Requests!.Value.Remaining.Should().Be(0);
        account.Client.Pass(TimeSpan.FromMinutes(1));
        (await PeekAsync(account)).Status.Should().Be(AdmissionStatus.Open);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Peek_SpendLimitThatIsUsedUp_IsRefused(bool ofAccount)
    {
        var account = await LimitedAsync(ofAccount, new CallLimits { SpendPerDay = new Money(10) });
        var call = await account.HoldAsync(10);
        await account.SettleAsync(call, 10);

        (await PeekAsync(account)).Refusal.Should().Match<Refusal>(refusal => refusal.Kind == RefusalKind.SpendPerDay && refusal.OfAccount == ofAccount && refusal.Remaining == 0);

        (await account.Client.Calls.PeekAsync(account.Id, account.KeyId, KeyVersion.Any, new BillingPeriod("2026-11-23", "2026-11"), true)).Status.Should().Be(AdmissionStatus.Open);
    }

    [Fact]
    public async Task Peek_WithoutCredit_IsRefusedUnlessCallsMayCostNothing()
    {
        var account = await AccountAsync();
        var call = await account.HoldAsync(Balance);

        var refusal = (await PeekAsync(account)).Refusal!;

        (refusal.Kind, refusal.Available.Nanos, refusal.Held.Nanos).Should().Be((RefusalKind.Balance, 0, Balance));
        (await PeekAsync(account, everyCallCosts: false)).Status.Should().Be(AdmissionStatus.Open);
        await account.SettleAsync(call, Balance - 1);
        (await PeekAsync(account)).Status.Should().Be(AdmissionStatus.Open);
    }

    private static ValueTask<Admission> PeekAsync(TestAccount account, bool everyCallCosts = true) =>
        account.Client.Calls.PeekAsync(account.Id, account.KeyId, KeyVersion.Any, TestAccount.Today, everyCallCosts);

    private Task<TestAccount> LimitedAsync(bool ofAccount, CallLimits limits) => AccountAsync(account =>
    {
        account.Limits = ofAccount ? limits : CallLimits.None;
        account.KeyLimits = ofAccount ? CallLimits.None : limits;
    });

    private async Task<TestAccount> AccountAsync(Action<TestAccount>? configure = null)
    {
        var account = new TestAccount(await server.EmptyAsync());
        configure?.Invoke(account);
        await account.InstallAsync(Balance);
        return account;
    }
}

public sealed class PeekOnRedisTests(RedisHotStore server) : PeekTests(server), IClassFixture<RedisHotStore>;

public sealed class PeekOnGarnetTests(GarnetHotStore server) : PeekTests(server), IClassFixture<GarnetHotStore>;
