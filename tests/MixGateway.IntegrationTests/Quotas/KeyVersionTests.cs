using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Gateway and store tell each other which of them is behind, on each kind of store.</summary>
public abstract class KeyVersionTests(HotStoreServer server)
{
    [Theory]
    [InlineData(1, 7)]
    [InlineData(7, 7)]
    [InlineData(7, 8)]
    [InlineData(7, 9_007_199_254_740_993)]
    public async Task Admit_ByAGatewayThatKnowsWhatIsInForce_HoldsIt(long changed, long asOf)
    {
        var account = await AccountAsync(version: 7);

        (await AdmitAsync(account, new KeyVersion(changed, asOf))).Status.Should().Be(AdmissionStatus.Held);
    }

    [Fact]
    public async Task Admit_ByAGatewayThatIsBehind_SaysWhatToReadAndChangesNothing()
    {
        var account = await AccountAsync(version: 7);

        var admission = await AdmitAsync(account, new KeyVersion(1, 6));

        admission.Status.Should().Be(AdmissionStatus.Stale);
        admission.KeyVersion.Should().Be(7);
        (await account.ViewAsync()).Should().Match<AccountView>(view => view.Held.Nanos == 0 && view.KeyVersion == 7);
    }

    [Fact]
    public async Task Admit_ByAGatewayThatKnowsALaterChange_AsksToLoad()
    {
        var account = await AccountAsync(version: 7);

        (await AdmitAsync(account, new KeyVersion(8, 8))).Status.Should().Be(AdmissionStatus.Load);
        await account.InstallAsync(100, version: 8);

        (await AdmitAsync(account, new KeyVersion(8, 8))).Status.Should().Be(AdmissionStatus.Held);
    }

    [Fact]
    public async Task Admit_OfARevokedKey_IsRefusedWhateverTheGatewayKnows()
    {
        var account = await AccountAsync(version: 7);
        account.IsRevoked = true;
        await account.InstallAsync(100, version: 8);

        (await AdmitAsync(account, new KeyVersion(1, 6))).Refusal!.Kind.Should().Be(RefusalKind.KeyRevoked);
    }

    [Fact]
    public async Task Admit_RepeatedAfterAChange_StaysHeld()
    {
        var account = await AccountAsync(version: 7);
        var request = account.Request(10) with { Key = new KeyVersion(7, 7) };
        await account.Client.Calls.AdmitAsync(request);
        await account.InstallAsync(100, version: 8);

        (await account.Client.Calls.AdmitAsync(request)).Status.Should().Be(AdmissionStatus.Held);
    }

    [Fact]
    public async Task Admit_AfterABooking_DoesNotTakeTheKeyForChanged()
    {
        var account = await AccountAsync(version: 7);
        var ticket = await account.HoldAsync(10);
        await account.SettleAsync(ticket, 10);
        await account.Client.Calls.AckAsync(ticket, new(90), version: 8, new(10));

        (await AdmitAsync(account, new KeyVersion(7, 7))).Status.Should().Be(AdmissionStatus.Held);
    }

    private static ValueTask<Admission> AdmitAsync(TestAccount account, KeyVersion key) => account.Client.Calls.AdmitAsync(account.Request(10) with { Key = key });

    private async Task<TestAccount> AccountAsync(long version)
    {
        var account = new TestAccount(await server.EmptyAsync());
        await account.InstallAsync(100, version);
        return account;
    }
}

public sealed class KeyVersionOnRedisTests(RedisHotStore server) : KeyVersionTests(server), IClassFixture<RedisHotStore>;

public sealed class KeyVersionOnGarnetTests(GarnetHotStore server) : KeyVersionTests(server), IClassFixture<GarnetHotStore>;
