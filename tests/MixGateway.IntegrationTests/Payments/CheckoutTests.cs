using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Payments;

/// <summary>How a payment begins, and what becomes of it when the provider does not play along.</summary>
public sealed class CheckoutTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Payment_ByStripe_OpensASessionOfThatAmount(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, .. PaymentGateway.Settings(stripe)]);
        var account = await gateway.CreateAccountAsync("0");

        var (status, body) = await account.StartPaymentAsync(new { provider = "stripe", amount = "12.34" });

        status.Should().Be(HttpStatusCode.Created);
        var payment = body.GetProperty("payment");
        var id = payment.GetProperty("id").GetString();
        body.GetProperty("url").GetString().Should().Be($"https://checkout.stripe.example/c/pay/{id}");
        (payment.GetProperty("status").GetString(), payment.GetProperty("providerId").GetString()).Should().Be(("created", $"cs_test_{id}"));
        var session = stripe.Sessions.Should().ContainSingle().Subject;
        FakeStripe.UnitsOf(session).Should().Be(1234);
        session.Should().Contain(new Dictionary<string, string>
        {
            ["mode"] = "payment",
            ["line_items[0][price_data][currency]"] = "usd",
            ["metadata[payment_id]"] = id!,
            ["metadata[account_id]"] = account.Id.ToString(),
            ["payment_intent_data[metadata][payment_id]"] = id!,
            ["success_url"] = $"https://gateway.example/dashboard/billing?payment={id}",
            ["Authorization"] = $"Bearer {PaymentGateway.StripeKey}",
            ["Idempotency-Key"] = $"payment-{payment.GetProperty("id").GetGuid():N}",
        });
        var list = await gateway.GetAsync($"/api/v1/accounts/{account.Id}/payments");
        list.GetProperty("data").EnumerateArray().Should().ContainSingle().Which.GetProperty("providerId").GetString().Should().Be($"cs_test_{id}");
    }

    [Theory]
    [InlineData(0, "does not answer")]
    [InlineData(500, "does not answer")]
    [InlineData(429, "does not answer")]
    [InlineData(401, "refused")]
    [InlineData(400, "refused")]
    public async Task Stripe_Failing_IsSaidAndLeavesThePaymentAsCreated(int failure, string said)
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        stripe.Failure = failure;

        var (status, body) = await account.StartPaymentAsync(new { provider = "stripe", amount = "5" });

        status.Should().Be(HttpStatusCode.ServiceUnavailable);
        body.GetProperty("detail").GetString().Should().Contain(said).And.NotContain("secret-of-stripe");
        var payment = (await gateway.GetAsync($"/api/v1/accounts/{account.Id}/payments")).GetProperty("data").EnumerateArray().Should().ContainSingle().Subject;
        payment.GetProperty("status").GetString().Should().Be("created");

        // Stripe may have made the session nevertheless, and somebody may have paid.
        var id = payment.GetProperty("id").GetGuid();
        (await gateway.NotifyAsync(StripeEvents.Completed(id, account.Id, 500))).Should().Be(HttpStatusCode.OK);
        (await account.EntriesAsync()).Should().Equal("credit 5");
    }

    [Fact]
    public async Task Stripe_Unreachable_IsSaid()
    {
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings());
        var account = await gateway.CreateAccountAsync("0");

        (await account.StartPaymentAsync(new { provider = "stripe", amount = "5" })).Status.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Request_ThatBreaksARule_NamesTheField()
    {
        await using var gateway = await TestGateway.StartAsync([.. PaymentGateway.Settings(), "Payments:MaxAmount=100"]);
        var account = await gateway.CreateAccountAsync("0");

        await ShouldNameAsync(account, new { provider = "stripe", amount = "4.99" }, "amount");
        await ShouldNameAsync(account, new { provider = "stripe", amount = "100.01" }, "amount");
        await ShouldNameAsync(account, new { provider = "stripe", amount = "5.001" }, "amount");
        await ShouldNameAsync(account, new { provider = "stripe", amount = "-5" }, "amount");
        await ShouldNameAsync(account, new { provider = "stripe" }, "amount");
        await ShouldNameAsync(account, new { provider = "paypal", amount = "5" }, "provider");
        await ShouldNameAsync(account, new { amount = "5" }, "provider");
        await ShouldNameAsync(account, new { provider = "stripe", amount = "5", method = "alipay" }, "method");
        await ShouldNameAsync(account, new { provider = "epay", amount = "5", method = "cash" }, "method");
        await ShouldNameAsync(account, new { provider = "epay", amount = "5", accountId = account.Id }, "accountId");
        (await account.StartPaymentAsync(new { provider = "epay", amount = "5" })).Status.Should().Be(HttpStatusCode.Created);
        (await (account with { Id = Guid.NewGuid() }).StartPaymentAsync(new { provider = "epay", amount = "5" })).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Amount_OutsideTheOfferedOnes_IsRefused()
    {
        await using var gateway = await TestGateway.StartAsync([.. PaymentGateway.Settings(), "Payments:Amounts:0=10", "Payments:Amounts:1=50"]);
        var account = await gateway.CreateAccountAsync("0");

        await ShouldNameAsync(account, new { provider = "epay", amount = "20" }, "amount");
        (await account.StartPaymentAsync(new { provider = "epay", amount = "50.0" })).Status.Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Payments_NeverFinished_AreLimited()
    {
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings());
        var account = await gateway.CreateAccountAsync("0");
        for (var i = 0; i < 20; i++)
        {
            await account.PayByEPayAsync();
        }

        (await account.StartPaymentAsync(new { provider = "epay", amount = "5" })).Status.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Payments_NotSetUp_AreOff()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync("0");

        await ShouldNameAsync(account, new { provider = "stripe", amount = "5" }, "provider");
        (await gateway.NotifyAsync("{}", secret: "")).Should().Be(HttpStatusCode.NotFound);
        (await gateway.NotifyEPayAsync([])).Status.Should().Be(HttpStatusCode.NotFound);
    }

    private static async Task ShouldNameAsync(TestAccount account, object request, string field)
    {
        var (status, body) = await account.StartPaymentAsync(request);
        status.Should().Be(HttpStatusCode.BadRequest);
        body.GetProperty("errors").EnumerateObject().Select(error => error.Name).Should().Contain(field);
    }
}
