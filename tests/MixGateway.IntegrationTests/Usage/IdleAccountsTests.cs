using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Usage;

/// <summary>Accounts that nobody uses leave the hot store and are back with their next call.</summary>
public sealed class IdleAccountsTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Forget_AccountThatNobodyUses_LeavesAndComesBackWithItsNextCall(GatewayStores stores)
    {
        await using var replicas = await Replicas.StartAsync(stores, "Quotas:ForgetIdle=01:00:00");
        var account = await replicas.First.CreateAccountAsync("1", new { name = "limited", spendLimit = new { amount = "0.5", period = "total" } });
        using (var first = await account.ChatAsync("x+prompt=100000"))
        {
            first.EnsureSuccessStatusCode();
        }

        await account.OnlyCallAsync();
        await Eventually.TrueAsync(async () => await LooksAsync(replicas, account) is { Calls: 0 }, "the hot store knows that it is booked");
        replicas.Pass(TimeSpan.FromHours(2));

        var (left, _) = await replicas.First.Services.GetRequiredService<IdleAccounts>().ForgetAsync(CancellationToken.None);

        left.Should().BeGreaterThan(0);
        (await LooksAsync(replicas, account)).Should().BeNull();
        using var next = await replicas.Of(account, 1).ChatAsync("x+prompt=200000");
        next.EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count == 2, "the second call is booked");
        await account.ShouldAddUpAsync();
        using var tooMuch = await replicas.Of(account, 2).ChatAsync("x", members: ",\"max_tokens\":200000");
        var error = await ApiError.ReadAsync(tooMuch);
        error.Code.Should().Be("insufficient_quota");
        error.Message.Should().Contain("spend limit", "what was spent before it left counts");
    }

    private static async Task<AccountSnapshot?> LooksAsync(Replicas replicas, TestAccount account) =>
        (await replicas.First.Services.GetRequiredService<AccountStore>().SnapshotAsync(account.Id)).Value;
}
