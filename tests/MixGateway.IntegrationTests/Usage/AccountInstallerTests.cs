using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Usage;

public sealed class AccountInstallerTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Install_KnownAccount_HotStoreHasBalanceKeyAndSpend(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10", new { name = "limited", spendLimit = new { amount = "3", period = "day" } });
        var calendar = gateway.Services.GetRequiredService<BillingCalendar>();
        await AddSpentAsync(gateway, account, calendar.Today, 2);
        await AddSpentAsync(gateway, account, calendar.Today.AddDays(-40), 5);
        await gateway.Services.GetRequiredService<HotStoreConnection>().Database.KeyDeleteAsync(AccountShard.KeysOf(account.Id)[0]);

        (await gateway.Services.GetRequiredService<AccountInstaller>().InstallAsync(account.Id, [account.KeyId])).Should().BeTrue();

        var view = await gateway.InspectAsync(account);
        view.Available.Should().Be(HotAccount.Units(10));
        view.Key.Should().Be(KeyLife.Active);
        (await gateway.AdmitAsync(account, HotAccount.Units(1))).Status.Should().Be(AdmissionStatus.Held, "2 of 3 were spent today and 5 long before");
        (await gateway.AdmitAsync(account, new Money(1))).Refusal!.Kind.Should().Be(RefusalKind.SpendPerDay);
    }

    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Install_ManyAtOnceWithDifferentKeys_AllKeysAreKnown(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync();
        List<Guid> keys = [account.KeyId];
        for (var i = 0; i < 5; i++)
        {
            keys.Add((await gateway.PostAsync($"/api/v1/accounts/{account.Id}/keys", new { name = $"{i}" })).GetProperty("id").GetGuid());
        }

        var installer = gateway.Services.GetRequiredService<AccountInstaller>();
        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => installer.InstallAsync(account.Id, [keys[i % keys.Count]])));

        answers.Should().AllBeEquivalentTo(true);
        foreach (var key in keys)
        {
            (await gateway.Services.GetRequiredService<AccountStore>().InspectAsync(account.Id, key)).Value!.Key.Should().Be(KeyLife.Active);
        }
    }

    [Fact]
    public async Task Install_UnknownAccount_IsFalseAndInstallsNothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        var id = Guid.NewGuid();
        (await gateway.Services.GetRequiredService<AccountInstaller>().InstallAsync(id, [])).Should().BeFalse();
        (await gateway.Services.GetRequiredService<AccountStore>().InspectAsync(id)).Answer.Should().Be(CallAnswer.Load);
    }

    [Fact]
    public async Task Install_KeyOfAnotherAccount_IsLeftOut()
    {
        await using var gateway = await TestGateway.StartAsync();
        var one = await gateway.CreateAccountAsync();
        var other = await gateway.CreateAccountAsync();
        (await gateway.Services.GetRequiredService<AccountInstaller>().InstallAsync(one.Id, [other.KeyId])).Should().BeTrue();
        (await gateway.Services.GetRequiredService<AccountStore>().InspectAsync(one.Id, other.KeyId)).Answer.Should().Be(CallAnswer.Load);
    }

    [Fact]
    public async Task Install_HotStoreDown_IsFalse()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync();
        await set.Redis!.KillAsync();
        (await gateway.Services.GetRequiredService<AccountInstaller>().InstallAsync(account.Id, [account.KeyId])).Should().BeFalse();
    }

    [Fact]
    public async Task Install_DatabaseDown_IsFalse()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await server.CreateDatabaseAsync("gateway");
        await using var gateway = await TestGateway.StartAsync($"ConnectionStrings:Postgres={server.ConnectionString("gateway")}");
        var account = await gateway.CreateAccountAsync();
        await server.StopAsync();
        (await gateway.Services.GetRequiredService<AccountInstaller>().InstallAsync(account.Id, [account.KeyId])).Should().BeFalse();
    }

    private static async Task AddSpentAsync(TestGateway gateway, TestAccount account, DateOnly day, long units)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        database.UsageDaily.Add(new UsageDailyRow
        {
            Day = day,
            AccountId = account.Id,
            KeyId = account.KeyId,
            Model = "sim:model",
            Requests = 1,
            PromptTokens = 1,
            CachedTokens = 0,
            CacheWriteTokens = 0,
            CompletionTokens = 1,
            ReasoningTokens = 0,
            Cost = HotAccount.Units(units).Nanos,
            Charged = HotAccount.Units(units).Nanos,
        });
        await database.SaveChangesAsync();
    }
}
