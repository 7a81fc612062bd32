using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Usage;
using static MixGateway.IntegrationTests.Fixtures.HotAccount;

namespace MixGateway.IntegrationTests.Administration;

public sealed class BalanceReadTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Account_WithSettledAndRunningCalls_ShowsBoth(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        var idle = await gateway.CreateAccountAsync("3");
        var settled = await gateway.HoldAsync(account, Units(5));
        await gateway.HoldAsync(account, Units(4));
        await gateway.Services.GetRequiredService<CallStore>().SettleAsync(settled, Units(2), 0, default);

        Money(await account.ReadAsync()).Should().Be("8 4 4");
        var listed = (await gateway.GetAsync("/api/v1/accounts?limit=2")).GetProperty("data");
        listed.EnumerateArray().ToDictionary(item => item.GetProperty("id").GetGuid(), Money)
            .Should().Equal(new Dictionary<Guid, string> { [account.Id] = "8 4 4", [idle.Id] = "3 0 3" });
    }

    [Fact]
    public async Task Account_WhileHotStoreIsDown_ShowsTheDatabase()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        await gateway.HoldAsync(account, Units(4));
        await set.Redis!.KillAsync();
        await gateway.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "1" });
        Money(await account.ReadAsync()).Should().Be("11 0 11");
    }

    [Fact]
    public async Task Refresh_AskedAgainAndAgain_ReadsTheDatabaseOncePerInterval()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync("1");
        var time = new SetTime();
        var refresher = new AccountRefresher(gateway.Services.GetRequiredService<AccountInstaller>(), time);

        await AddUnseenAsync(gateway, account);
        await refresher.RefreshAsync(account.Id);
        (await gateway.InspectAsync(account)).Available.Should().Be(Units(2));
        await AddUnseenAsync(gateway, account);
        time.Pass(AccountRefresher.Interval - TimeSpan.FromTicks(1));
        await refresher.RefreshAsync(account.Id);
        (await gateway.InspectAsync(account)).Available.Should().Be(Units(2));
        time.Pass(TimeSpan.FromTicks(1));
        await refresher.RefreshAsync(account.Id);
        (await gateway.InspectAsync(account)).Available.Should().Be(Units(3));
    }

    /// <summary>Money that the hot store is not told of.</summary>
    private static async Task AddUnseenAsync(TestGateway gateway, TestAccount account)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        var row = await database.Accounts.SingleAsync(row => row.Id == account.Id);
        row.Balance += Units(1).Nanos;
        row.Version++;
        await database.SaveChangesAsync();
    }

    private static string Money(JsonElement account) =>
        string.Join(' ', new[] { "balance", "held", "available" }.Select(name => account.GetProperty(name).GetString()));

    private sealed class SetTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
