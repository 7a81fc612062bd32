using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Usage;
using static MixGateway.IntegrationTests.Fixtures.HotAccount;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Money is taken out only where nothing else spends it.</summary>
public sealed class DebitTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded, 1)]
    [InlineData(GatewayStores.Servers, 2)]
    public async Task Debits_Raced_NeverTakeMoreThanThereIs(GatewayStores stores, int replicas)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var one = await TestGateway.StartAsync(set.Settings);
        await using var two = replicas == 2 ? await TestGateway.StartAsync(set.Settings) : null;
        var account = await one.CreateAccountAsync("10");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => CreditAsync(i % replicas == 0 ? one : two!, account, new { amount = "-3" })));

        answers.Select(answer => answer.Status).Should().BeEquivalentTo(
            Enumerable.Repeat(HttpStatusCode.Created, 3).Concat(Enumerable.Repeat(HttpStatusCode.Conflict, 9)));
        var read = await account.ReadAsync();
        (read.GetProperty("balance").GetString(), read.GetProperty("held").GetString()).Should().Be(("1", "0"));
        (await account.LedgerAsync()).Sum(entry => decimal.Parse(entry.GetProperty("amount").GetString()!, CultureInfo.InvariantCulture)).Should().Be(1);
        (await one.InspectAsync(account)).Should().Match<AccountView>(view => view.Available == Units(1) && view.Held == Money.Zero);
    }

    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Debit_OfWhatARunningCallHolds_IsRefusedUnlessForced(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        await gateway.HoldAsync(account, Units(8));

        var refused = await CreditAsync(gateway, account, new { amount = "-5" });
        refused.Status.Should().Be(HttpStatusCode.Conflict);
        refused.Body.GetProperty("detail").GetString().Should().StartWith("Only 2 is available");
        (await CreditAsync(gateway, account, new { amount = "-2" })).Status.Should().Be(HttpStatusCode.Created);
        (await CreditAsync(gateway, account, new { amount = "-9", force = true })).Body.GetProperty("balanceAfter").GetString().Should().Be("-1");

        (await gateway.InspectAsync(account)).Should().Match<AccountView>(view => view.Base == Units(-1) && view.Held == Units(8));
    }

    [Fact]
    public async Task Debit_WithIdempotencyKeyAgain_TakesOnceAndHoldsNothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync("10");
        var first = await CreditAsync(gateway, account, new { amount = "-10", idempotencyKey = "once" });
        var again = await CreditAsync(gateway, account, new { amount = "-10", idempotencyKey = "once" });
        (first.Status, again.Status).Should().Be((HttpStatusCode.Created, HttpStatusCode.OK));
        again.Body.GetProperty("id").GetString().Should().Be(first.Body.GetProperty("id").GetString());
        (await gateway.InspectAsync(account)).Should().Match<AccountView>(view => view.Available == Money.Zero && view.Held == Money.Zero);
    }

    [Fact]
    public async Task Debit_OfUnknownAccount_IsNotFound()
    {
        await using var gateway = await TestGateway.StartAsync();
        var nobody = new TestAccount(gateway, Guid.CreateVersion7(), Guid.CreateVersion7(), "");
        (await CreditAsync(gateway, nobody, new { amount = "-1" })).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Debit_WhileHotStoreIsDown_IsUnavailableUnlessForced()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        await set.Redis!.KillAsync();

        var refused = await CreditAsync(gateway, account, new { amount = "-1" });
        (refused.Status, refused.RetryAfter).Should().Be((HttpStatusCode.ServiceUnavailable, true));
        (await CreditAsync(gateway, account, new { amount = "-1", force = true })).Status.Should().Be(HttpStatusCode.Created);
        (await account.ReadAsync()).GetProperty("balance").GetString().Should().Be("9");
    }

    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Debit_HeldAndNeverBooked_IsGivenUpBySweep(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        var id = Guid.CreateVersion7();
        (await gateway.Services.GetRequiredService<AccountStore>().DebitAsync(id, account.Id, Units(4), default)).Status.Should().Be(DebitStatus.Held);

        await SweepPastLeaseAsync(gateway);

        (await gateway.InspectAsync(account)).Should().Match<AccountView>(view => view.Available == Units(10) && view.Held == Money.Zero);
        await using var database = await OpenAsync(gateway);
        (await DebitBooks.IsGivenUpAsync(database, id)).Should().BeTrue();
        (await account.LedgerAsync()).Should().ContainSingle("the credit alone");
    }

    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Debit_BookedAndNeverAcknowledged_IsEndedBySweep(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync("10");
        var booked = await CreditAsync(gateway, account, new { amount = "-4" });
        var id = booked.Body.GetProperty("id").GetGuid();
        (await gateway.Services.GetRequiredService<AccountStore>().DebitAsync(id, account.Id, Units(4), default)).Status.Should().Be(DebitStatus.Held);

        await SweepPastLeaseAsync(gateway);

        (await gateway.InspectAsync(account)).Should().Match<AccountView>(view => view.Available == Units(6) && view.Held == Money.Zero);
        await using var database = await OpenAsync(gateway);
        (await DebitBooks.IsGivenUpAsync(database, id)).Should().BeFalse();
    }

    /// <summary>The store's clock is moved in steps that a sweep may see, so that it declares dead what is silent.</summary>
    private static async Task SweepPastLeaseAsync(TestGateway gateway)
    {
        var sweeper = gateway.Services.GetRequiredService<Sweeper>();
        for (var i = 0; i < 9; i++)
        {
            await sweeper.SweepAsync(CancellationToken.None);
            gateway.Services.GetRequiredService<ScriptRunner>().ClockShift += TimeSpan.FromSeconds(10);
        }
    }

    private static async Task<GatewayDbContext> OpenAsync(TestGateway gateway) =>
        await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();

    private static async Task<CreditAnswer> CreditAsync(TestGateway gateway, TestAccount account, object body)
    {
        using var response = await gateway.Admin.PostAsJsonAsync($"/api/v1/accounts/{account.Id}/credits", body);
        return new CreditAnswer(response.StatusCode, response.Headers.RetryAfter is not null, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private sealed record CreditAnswer(HttpStatusCode Status, bool RetryAfter, JsonElement Body);
}
