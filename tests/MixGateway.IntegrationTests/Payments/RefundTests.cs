using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Payments;

/// <summary>What goes back to the payer leaves the account, spent or not, in whichever order it is reported.</summary>
public sealed class RefundTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Refunds_InParts_TakeTheSameFromTheAccountOnceAndLeaveAnAuditEntry(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, .. PaymentGateway.Settings(stripe)]);
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();
        await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500));

        foreach (var (id, units) in new[] { ("re_1", 200L), ("re_1", 200L), ("re_2", 100L), ("re_1", 200L) })
        {
            (await gateway.NotifyAsync(StripeEvents.Refund(payment, id, units))).Should().Be(HttpStatusCode.OK);
        }

        (await account.EntriesAsync()).Should().Equal("credit 5", "adjustment -2", "adjustment -1");
        await gateway.NotifyAsync(StripeEvents.Refund(payment, "re_3", 200));
        (await account.ReadPaymentAsync(payment)).GetProperty("refunded").GetString().Should().Be("5");
        (await account.StatusAsync(payment)).Should().Be("refunded");
        await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500));
        (await account.EntriesAsync()).Should().HaveCount(4, "a payment that was given back is not credited anew");

        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        var audit = await database.AuditEntries.Where(entry => entry.Target == payment.ToString()).OrderBy(entry => entry.Id).Select(entry => $"{entry.Actor} {entry.Action}").ToListAsync();
        audit.Should().BeEquivalentTo("admin-token payment.create", "stripe payment.paid", "stripe payment.refund", "stripe payment.refund", "stripe payment.refund");
    }

    [Fact]
    public async Task Refund_OfWhatWasSpent_TakesTheBalanceBelowZero()
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();
        await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500));
        await gateway.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "-4" });

        await gateway.NotifyAsync(StripeEvents.Refund(payment, "re_1", 500));

        (await account.EntriesAsync()).Should().Equal("credit 5", "adjustment -4", "adjustment -5");
    }

    [Fact]
    public async Task Refund_ReportedBeforeThePayment_IsTakenBackWhenItIsPaid()
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();
        stripe.Intents[$"pi_{payment:N}"] = payment;

        (await gateway.NotifyAsync(StripeEvents.Refund(payment, "re_1", 500))).Should().Be(HttpStatusCode.OK);
        (await account.EntriesAsync()).Should().BeEmpty();
        (await account.StatusAsync(payment)).Should().Be("created");
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500))).Should().Be(HttpStatusCode.OK);

        (await account.EntriesAsync()).Should().Equal("credit 5", "adjustment -5");
        (await account.StatusAsync(payment)).Should().Be("refunded");
    }

    [Fact]
    public async Task Refund_OfAnUnknownPaymentIntent_IsAskedAtStripe()
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var stranger = Guid.NewGuid();

        (await gateway.NotifyAsync(StripeEvents.Refund(stranger, "re_1", 500))).Should().Be(HttpStatusCode.OK, "Stripe does not know it either");
        stripe.Intents[$"pi_{stranger:N}"] = null;
        (await gateway.NotifyAsync(StripeEvents.Refund(stranger, "re_1", 500))).Should().Be(HttpStatusCode.OK, "it is of another seller");
        stripe.Failure = 500;
        (await gateway.NotifyAsync(StripeEvents.Refund(stranger, "re_1", 500))).Should().Be(HttpStatusCode.ServiceUnavailable, "Stripe has to send it again");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispute_LostThenWon_InEitherOrder_LeavesTheMoney(bool inOrder)
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();
        await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500));
        string[] events = [StripeEvents.Dispute(payment, "dp_1", 500, "funds_withdrawn"), StripeEvents.Dispute(payment, "dp_1", 500, "funds_reinstated")];

        foreach (var body in inOrder ? events : events.Reverse())
        {
            (await gateway.NotifyAsync(body)).Should().Be(HttpStatusCode.OK);
        }

        (await account.EntriesAsync()).Should().Equal(inOrder ? ["credit 5", "adjustment -5", "credit 5"] : ["credit 5"]);
        (await account.StatusAsync(payment)).Should().Be("paid");
    }

    [Fact]
    public async Task RefundAndDispute_OfTheSameMoney_TakeItOnce()
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();
        await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500));

        await gateway.NotifyAsync(StripeEvents.Refund(payment, "re_1", 300, status: "pending"));
        await gateway.NotifyAsync(StripeEvents.Dispute(payment, "dp_1", 500, "funds_withdrawn"));
        (await account.EntriesAsync()).Should().Equal("credit 5", "adjustment -3", "adjustment -2");
        await gateway.NotifyAsync(StripeEvents.Refund(payment, "re_1", 300, status: "failed", type: "refund.failed"));
        await gateway.NotifyAsync(StripeEvents.Refund(payment, "re_1", 300, status: "succeeded", type: "refund.updated"));
        await gateway.NotifyAsync(StripeEvents.Refund(payment, "re_2", 300, currency: "eur"));

        (await account.EntriesAsync()).Should().HaveCount(3, "the dispute still has all of it, a failure is final, and another currency is no refund of this payment");
    }

    [Fact]
    public async Task RefundByHand_OfAnEPayPayment_IsNotedOnce()
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByEPayAsync();
        (await RefundAsync(gateway, payment, new { idempotencyKey = "early" })).Should().Be(HttpStatusCode.Conflict);
        await gateway.NotifyEPayAsync(PaymentGateway.EPayNotice(payment));

        (await RefundAsync(gateway, payment, new { amount = "18", idempotencyKey = "half" })).Should().Be(HttpStatusCode.OK);
        (await RefundAsync(gateway, payment, new { amount = "18", idempotencyKey = "half" })).Should().Be(HttpStatusCode.OK);
        (await RefundAsync(gateway, payment, new { amount = "40", idempotencyKey = "more" })).Should().Be(HttpStatusCode.BadRequest);
        (await RefundAsync(gateway, payment, new { amount = "1" })).Should().Be(HttpStatusCode.BadRequest);
        (await RefundAsync(gateway, Guid.NewGuid(), new { idempotencyKey = "none" })).Should().Be(HttpStatusCode.NotFound);
        (await RefundAsync(gateway, await account.PayByStripeAsync(), new { idempotencyKey = "stripe" })).Should().Be(HttpStatusCode.Conflict);
        (await account.EntriesAsync()).Should().Equal("credit 5", "adjustment -2.5");

        (await RefundAsync(gateway, payment, new { idempotencyKey = "rest" })).Should().Be(HttpStatusCode.OK);
        (await account.EntriesAsync()).Should().Equal("credit 5", "adjustment -2.5", "adjustment -2.5");
        (await account.StatusAsync(payment)).Should().Be("refunded");
    }

    private static async Task<HttpStatusCode> RefundAsync(TestGateway gateway, Guid payment, object body)
    {
        using var response = await gateway.Admin.PostAsJsonAsync($"/api/v1/payments/{payment}/refunds", body);
        return response.StatusCode;
    }
}
