using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;
using static MixGateway.IntegrationTests.Fixtures.HotAccount;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>A change that was answered is in effect wherever calls are admitted.</summary>
public sealed class AccountPushTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Changes_WhenAnswered_AreInTheHotStoreAndMarkedAsPushed(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        (await gateway.InspectAsync(account)).Should().Match<AccountView>(view => view.Available == Units(10) && view.Key == KeyLife.Active && !view.IsSuspended);

        await gateway.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "5" });
        (await gateway.InspectAsync(account)).Available.Should().Be(Units(15));

        await PatchAsync(gateway, $"accounts/{account.Id}", new { status = "suspended" });
        (await gateway.AdmitAsync(account, Units(1))).Refusal!.Kind.Should().Be(RefusalKind.AccountSuspended);

        await PatchAsync(gateway, $"accounts/{account.Id}", new { status = "active", spendLimit = new { amount = "4", period = "total" } });
        (await gateway.AdmitAsync(account, Units(5))).Refusal!.Should().Match<Refusal>(refusal => refusal.Kind == RefusalKind.SpendTotal && refusal.OfAccount);

        await PatchAsync(gateway, $"keys/{account.KeyId}", new { maxConcurrent = 1 });
        await gateway.HoldAsync(account, Units(1));
        (await gateway.AdmitAsync(account, Units(1))).Refusal!.Kind.Should().Be(RefusalKind.Concurrency);

        await RevokeAsync(gateway, account.KeyId);
        (await gateway.AdmitAsync(account, Units(1))).Refusal!.Kind.Should().Be(RefusalKind.KeyRevoked);
        var row = await ReadRowAsync(gateway, account);
        row.PushedVersion.Should().Be(row.ChangedVersion).And.Be(row.Version);
    }

    [Fact]
    public async Task Revoke_OnOneGateway_IsRefusedByTheOther()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var one = await TestGateway.StartAsync(set.Settings);
        await using var other = await TestGateway.StartAsync(set.Settings);
        var account = await one.CreateAccountAsync("10");
        using var caller = other.NewClient(account.Key);
        (await CallAsync(caller)).Should().Be(HttpStatusCode.OK);

        await RevokeAsync(one, account.KeyId);

        (await CallAsync(caller)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Changes_WhileHotStoreWasDown_ArePushedByAnotherReplica()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var other = await TestGateway.StartAsync(set.Settings);
        TestAccount account, second;
        await using (var one = await TestGateway.StartAsync(set.Settings))
        {
            account = await one.CreateAccountAsync("10");
            second = account with { KeyId = (await one.PostAsync($"/api/v1/accounts/{account.Id}/keys", new { name = "second" })).GetProperty("id").GetGuid() };
            await set.Redis!.KillAsync();
            await RevokeAsync(one, account.KeyId);
            await PatchAsync(one, $"keys/{second.KeyId}", new { spendLimit = new { amount = "1", period = "day" } });
            await one.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "7" });
            var row = await ReadRowAsync(one, account);
            row.PushedVersion.Should().BeLessThan(row.ChangedVersion);
        }

        await set.Redis!.StartAsync();

        await Eventually.TrueAsync(async () => await ReadRowAsync(other, account) is { } row && row.PushedVersion == row.ChangedVersion, "the changes are pushed");
        (await other.InspectAsync(account)).Should().Match<AccountView>(view => view.Available == Units(17) && view.Key == KeyLife.Revoked);
        (await other.AdmitAsync(second, Units(2))).Refusal!.Kind.Should().Be(RefusalKind.SpendPerDay);
    }

    private static async Task<HttpStatusCode> CallAsync(HttpClient caller)
    {
        using var body = new StringContent("""{"model":"sim:model","messages":[{"role":"user","content":"hello"}]}""", Encoding.UTF8, "application/json");
        using var response = await caller.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), body);
        return response.StatusCode;
    }

    private static async Task PatchAsync(TestGateway gateway, string path, object body)
    {
        using var response = await gateway.Admin.PatchAsJsonAsync($"/api/v1/{path}", body);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    private static async Task RevokeAsync(TestGateway gateway, Guid keyId)
    {
        using var response = await gateway.Admin.DeleteAsync(new Uri($"/api/v1/keys/{keyId}", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static async Task<AccountRow> ReadRowAsync(TestGateway gateway, TestAccount account)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        return await database.Accounts.AsNoTracking().SingleAsync(row => row.Id == account.Id);
    }
}
