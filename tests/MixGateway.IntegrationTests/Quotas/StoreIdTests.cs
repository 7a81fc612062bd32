using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Accounts that were brought in before the store's contents got another name, on each kind of store.</summary>
public abstract class StoreIdTests(HotStoreServer server)
{
    [Fact]
    public async Task Account_OfAnotherName_IsLoadedAnewBeforeItIsUsed()
    {
        var account = await AccountAsync();
        await account.HoldAsync(30);

        account.Client.Runner.StoreId = "b";

        (await account.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Load);
        (await account.Client.Accounts.InspectAsync(account.Id, account.KeyId)).Answer.Should().Be(CallAnswer.Load);
        (await account.Client.Accounts.DebitAsync(Guid.CreateVersion7(), account.Id, new Money(1), default)).Status.Should().Be(DebitStatus.Load);
        await account.InstallAsync(100, version: 5);
        (await account.AvailableAsync()).Should().Be(70, "its calls are what they were");
        (await account.HoldAsync(70)).Should().NotBeNull();
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Held = new Money(100), CallsHeld = new Money(100), Running = 2L, CallsRunning = 2L });
    }

    [Fact]
    public async Task Install_UnderAnotherName_ForgetsKeysThatItDoesNotBring()
    {
        var account = await AccountAsync();
        var revoked = new KeyState(Guid.NewGuid(), false, null, CallLimits.None, TestAccount.NothingSpent);
        await account.Client.Accounts.InstallAsync(account.State(100, 5) with { Keys = [revoked] });
        account.Client.Runner.StoreId = "b";

        await account.InstallAsync(100, version: 5);

        (await account.Client.Accounts.InspectAsync(account.Id, revoked.KeyId)).Answer.Should().Be(CallAnswer.Load);
        await account.Client.Accounts.InstallAsync(account.State(100, 5) with { Keys = [revoked with { IsRevoked = true }] });
        (await account.Client.Accounts.InspectAsync(account.Id, revoked.KeyId)).Value!.Key.Should().Be(KeyLife.Revoked);
        (await account.ViewAsync()).Key.Should().Be(KeyLife.Active);
    }

    [Fact]
    public async Task Install_ReadBeforeTheNameChanged_DoesNotCount()
    {
        var account = await AccountAsync();
        account.Client.Runner.StoreId = "b";

        (await account.Client.Accounts.InstallAsync(account.State(100, 5), "a")).Should().BeTrue();

        (await account.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Load);
    }

    [Fact]
    public async Task Install_UnderAnotherName_CountsSpendAnew()
    {
        var account = await AccountAsync(a => a.KeyLimits = new CallLimits { SpendTotal = new Money(50) });
        await account.HoldAsync(20);
        account.Client.Runner.StoreId = "b";
        account.Spent = TestAccount.NothingSpent with { InAll = new Money(25) };

        await account.InstallAsync(100, version: 5);

        (await account.AdmitAsync(6)).Refusal!.Should().Match<Refusal>(refusal => refusal.Kind == RefusalKind.SpendTotal && refusal.Remaining == 5);
    }

    [Fact]
    public async Task Identify_SameServers_KeepsTheNameAndOthersGetANewOne()
    {
        var client = await server.EmptyAsync();
        (await NameAsync(client, "run1", "first")).Should().Be("first");
        (await NameAsync(client, "run1", "second")).Should().Be("first");
        (await NameAsync(client, "run2", "third")).Should().Be("third");
        (await NameAsync(client, "run2", "fourth")).Should().Be("third");
    }

    private static async Task<string> NameAsync(HotStoreClient client, string servers, string name) =>
        (await client.Runner.RunAsync(Script.Identify, AccountShard.IdKey, [default, servers, name])).Text;

    private async Task<TestAccount> AccountAsync(Action<TestAccount>? configure = null)
    {
        var client = await server.EmptyAsync();
        client.Runner.StoreId = "a";
        var account = new TestAccount(client);
        configure?.Invoke(account);
        await account.InstallAsync(100, version: 5);
        return account;
    }
}

public sealed class StoreIdOnRedisTests(RedisHotStore server) : StoreIdTests(server), IClassFixture<RedisHotStore>;

public sealed class StoreIdOnGarnetTests(GarnetHotStore server) : StoreIdTests(server), IClassFixture<GarnetHotStore>;
