using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Each fall below the threshold is told once, by whichever replica is first.</summary>
public sealed class BalanceAlertTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded, 1)]
    [InlineData(GatewayStores.Servers, 2)]
    public async Task Fall_BelowTheThreshold_IsClaimedOnceUntilTheBalanceWasUpAgain(GatewayStores stores, int replicas)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var one = await TestGateway.StartAsync(set.Settings);
        await using var two = replicas == 2 ? await TestGateway.StartAsync(set.Settings) : null;
        var account = await one.CreateAccountAsync("10");
        var owner = await AddOwnerAsync(one, account.Id);
        (await AlertsOf(one).SetAsync(Actor.Gateway, account.Id, Money.Parse("5"))).Value.Should().NotBeNull();
        (await ClaimEverywhereAsync(one, two)).Should().BeEmpty("10 is not low");

        await CreditAsync(one, account, "-6");
        var low = (await ClaimEverywhereAsync(one, two)).Should().ContainSingle().Subject;
        (low.AccountId, low.Balance, low.Threshold).Should().Be((account.Id, Money.Parse("4"), Money.Parse("5")));
        low.Readers.Should().Equal(new AlertReader(owner, "zh-CN"));
        await AlertsOf(one).MarkAsync(account.Id);
        await CreditAsync(one, account, "-1");
        (await ClaimEverywhereAsync(one, two)).Should().BeEmpty("it was told");

        await CreditAsync(one, account, "7");
        (await ClaimEverywhereAsync(one, two)).Should().BeEmpty();
        await CreditAsync(one, account, "-8");
        (await ClaimEverywhereAsync(one, two)).Should().ContainSingle("it fell anew");
    }

    [Fact]
    public async Task Threshold_Changed_IsKeptAndAudited()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync("10");
        var alerts = AlertsOf(gateway);

        (await alerts.SetAsync(Actor.Gateway, account.Id, Money.Parse("-1"))).Refusal!.Reason.Should().Be(RefusalReason.Invalid);
        await alerts.SetAsync(Actor.Gateway, account.Id, Money.Parse("5"));
        await alerts.SetAsync(Actor.Gateway, account.Id, Money.Parse("7"));
        (await alerts.GetAsync(account.Id, CancellationToken.None)).Value!.Threshold.Should().Be(Money.Parse("7"));
        await alerts.SetAsync(Actor.Gateway, account.Id, null);
        (await alerts.GetAsync(account.Id, CancellationToken.None)).Value!.Threshold.Should().BeNull();

        await using var database = await OpenAsync(gateway);
        (await database.AuditEntries.CountAsync(entry => entry.Action == "account.balance-alert")).Should().Be(3);
    }

    /// <summary>One round on every replica, several at a time.</summary>
    private static async Task<LowBalance[]> ClaimEverywhereAsync(TestGateway one, TestGateway? two)
    {
        var rounds = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            var alerts = AlertsOf(i % 2 == 1 && two is not null ? two : one);
            await alerts.RearmAsync(CancellationToken.None);
            return await alerts.ClaimAsync(CancellationToken.None);
        }));
        return [.. rounds.SelectMany(static round => round)];
    }

    private static BalanceAlerts AlertsOf(TestGateway gateway) => gateway.Services.GetRequiredService<BalanceAlerts>();

    private static async Task CreditAsync(TestGateway gateway, TestAccount account, string amount) => await gateway.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount });

    private static async Task<string> AddOwnerAsync(TestGateway gateway, Guid account)
    {
        await using var database = await OpenAsync(gateway);
        var user = new UserRow { Id = Guid.CreateVersion7(), UserName = "owner@example.com", Email = "owner@example.com", EmailConfirmed = true, Language = "zh-CN", CreatedAt = DateTime.UtcNow };
        database.Users.Add(user);
        database.Memberships.Add(new MembershipRow { UserId = user.Id, AccountId = account, Role = AccountRole.Owner, CreatedAt = DateTime.UtcNow });
        await database.SaveChangesAsync();
        return user.Email;
    }

    private static Task<GatewayDbContext> OpenAsync(TestGateway gateway) => gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
}
