using MixGateway.Billing;
using MixGateway.Quotas;
using StackExchange.Redis;

namespace MixGateway.IntegrationTests.Quotas;

public sealed class EmbeddedGarnetTests
{
    [Fact]
    public async Task Start_Embedded_IsVolatileAndAsksForItsPassword()
    {
        await using var connection = await HotStoreServer.ConnectAsync("");
        (await HotStoreProbe.LookAsync(connection, new QuotasOptions { HotStore = HotStoreKind.Durable })).Kind.Should().Be(HotStoreKind.Volatile);
        var open = ConfigurationOptions.Parse(connection.Embedded!.ConnectionString);
        open.Password = null;
        open.AbortOnConnectFail = false;
        open.ConnectTimeout = 500;
        open.ConnectRetry = 1;
        await using var stranger = await ConnectionMultiplexer.ConnectAsync(open);
        var ask = async () => await stranger.GetDatabase().StringSetAsync("a", "b");
        await ask.Should().ThrowAsync<RedisException>();
    }

    [Fact]
    public async Task Start_TwoInOneProcess_ShareNothing()
    {
        await using var one = await HotStoreServer.ConnectAsync("");
        await using var two = await HotStoreServer.ConnectAsync("");
        await one.Database.StringSetAsync("a", "b");
        (await two.Database.KeyExistsAsync("a")).Should().BeFalse();
    }

    [Fact]
    public async Task Memory_FilledWithAccounts_ClosesBeforeAnythingIsDropped()
    {
        var options = new QuotasOptions { EmbeddedMemory = 32 };
        await using var connection = await HotStoreServer.ConnectAsync("", Microsoft.Extensions.Options.Options.Create(options));
        var client = new HotStoreClient(connection, HotStoreServer.Options);
        var status = new HotStoreStatus(HotStoreServer.Options);
        var first = new TestAccount(client);
        await first.InstallAsync(100);
        var held = await first.HoldAsync(40);
        List<Guid> accounts = [];
        do
        {
            var batch = Enumerable.Range(0, 2000).Select(_ => new TestAccount(client)).ToList();
            accounts.AddRange(batch.Select(a => a.Id));
            (await Task.WhenAll(batch.Select(a => client.Accounts.InstallAsync(a.State(1, 1)).AsTask()))).Should().AllBeEquivalentTo(true);
            status.See(await HotStoreProbe.LookAsync(connection, options));
        }
        while (status.Closure is HotStoreClosure.None && accounts.Count < 400_000);

        status.Closure.Should().Be(HotStoreClosure.Memory);
        (await first.SettleAsync(held, 30)).Nanos.Should().Be(30);
        var views = await Task.WhenAll(accounts.Select(id => client.Accounts.InspectAsync(id).AsTask()));
        views.Count(v => v.Answer is not CallAnswer.Ok).Should().Be(0, "of {0} accounts none may be dropped silently", accounts.Count);
    }

    [Fact]
    public async Task Memory_CallsComeAndGo_DoesNotGrow()
    {
        var options = new QuotasOptions { EmbeddedMemory = 32 };
        await using var connection = await HotStoreServer.ConnectAsync("", Microsoft.Extensions.Options.Options.Create(options));
        var account = new TestAccount(new HotStoreClient(connection, HotStoreServer.Options));
        await account.InstallAsync(1_000_000);
        await ComeAndGoAsync(account, 200);
        var before = (await HotStoreProbe.LookAsync(connection, options)).MemoryUsed;
        await ComeAndGoAsync(account, 5000);
        var after = (await HotStoreProbe.LookAsync(connection, options)).MemoryUsed;
        after.Should().BeLessThan(before + 0.01);
    }

    private static async Task ComeAndGoAsync(TestAccount account, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            var ticket = await account.HoldAsync(1);
            await account.Client.Calls.AckAsync(ticket, new Money(1_000_000), 1, Money.Zero);
        }
    }
}
