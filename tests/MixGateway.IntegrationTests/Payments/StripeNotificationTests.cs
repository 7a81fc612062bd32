using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Payments;

/// <summary>Only what Stripe signed moves money, and only once, however it arrives.</summary>
public sealed class StripeNotificationTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Completed_SentAgainAndAgain_CreditsOnce(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, .. PaymentGateway.Settings(stripe)]);
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();
        (await account.EntriesAsync()).Should().BeEmpty("nothing is credited before the notification");

        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500))).Should().Be(HttpStatusCode.OK);
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500))).Should().Be(HttpStatusCode.OK);
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500, type: "checkout.session.async_payment_succeeded"))).Should().Be(HttpStatusCode.OK);

        (await account.EntriesAsync()).Should().Equal("credit 5");
        var read = await account.ReadPaymentAsync(payment);
        (read.GetProperty("status").GetString(), read.GetProperty("amount").GetString(), read.GetProperty("priceCurrency").GetString()).Should().Be(("paid", "5", "USD"));
        read.GetProperty("paidAt").GetString().Should().NotBeNull();

        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 499))).Should().Be(HttpStatusCode.BadRequest);
        var metrics = await gateway.ReadMetricsAsync();
        double Count(string name, string label, string value) => metrics.Where(sample => sample.Name == name && sample.Has("provider", "stripe") && sample.Has(label, value)).Sum(static sample => sample.Value);
        Count("mixgateway_payments_notifications_total", "answer", "done").Should().Be(3);
        Count("mixgateway_payments_notifications_total", "answer", "refused").Should().Be(1);
        Count("mixgateway_payments_credited_total", "provider", "stripe").Should().Be(5e9, "it is credited once");
    }

    [Theory]
    [InlineData(GatewayStores.Embedded, 1)]
    [InlineData(GatewayStores.Servers, 2)]
    public async Task Notifications_RacedOverReplicas_CreditAndTakeBackOnce(GatewayStores stores, int replicas)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var stripe = await FakeStripe.StartAsync();
        string[] settings = [.. set.Settings, .. PaymentGateway.Settings(stripe)];
        await using var one = await TestGateway.StartAsync(settings);
        await using var two = replicas == 2 ? await TestGateway.StartAsync(settings) : null;
        var account = await one.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();
        stripe.Intents[$"pi_{payment:N}"] = payment;
        var events = Enumerable.Range(0, 24).Select(i => (i % 4) switch
        {
            0 or 1 => StripeEvents.Completed(payment, account.Id, 500),
            2 => StripeEvents.Refund(payment, "re_1", 200),
            _ => StripeEvents.Expired(payment, account.Id),
        });

        var answers = await Task.WhenAll(events.Select((body, i) => (i % 3 == 0 && two is not null ? two : one).NotifyAsync(body)));

        answers.Should().OnlyContain(status => status == HttpStatusCode.OK);
        (await account.EntriesAsync()).Should().Equal("credit 5", "adjustment -2");
        (await account.StatusAsync(payment)).Should().Be("paid");
    }

    [Fact]
    public async Task Notification_NotGenuine_IsRefusedAndChangesNothing()
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();
        var body = StripeEvents.Completed(payment, account.Id, 500);

        (await gateway.NotifyAsync(body, secret: "whsec_of_somebody_else")).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.NotifyAsync(body, secret: "")).Should().Be(HttpStatusCode.BadRequest, "the secret that others forgot to set");
        (await gateway.NotifyAsync(body, age: TimeSpan.FromMinutes(6))).Should().Be(HttpStatusCode.BadRequest, "a recorded one is replayed");
        (await gateway.SendEventAsync(body, null)).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.SendEventAsync(body, "")).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.SendEventAsync(body, "t=1,v1=00")).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.SendEventAsync(body, "t=x,v0=y;;,=")).Should().Be(HttpStatusCode.BadRequest);
        foreach (var noEvent in new[] { "not JSON", "", "null", "[]", "1", "{}", "{\"type\":1}", "{\"type\":\"checkout.session.completed\",\"data\":[]}" })
        {
            (await gateway.NotifyAsync(noEvent)).Should().BeOneOf([HttpStatusCode.OK, HttpStatusCode.BadRequest], noEvent);
        }

        (await gateway.NotifyAsync(new string(' ', 300 * 1024))).Should().BeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge);

        (await account.EntriesAsync()).Should().BeEmpty();
        (await account.StatusAsync(payment)).Should().Be("created");
    }

    [Fact]
    public async Task Completed_ThatContradictsThePayment_IsRefused()
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        var other = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByStripeAsync();

        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 50_000))).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 499))).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, long.MaxValue))).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500, currency: "idr"))).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, other.Id, 500))).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500, session: "cs_test_of_another"))).Should().Be(HttpStatusCode.BadRequest);
        (await gateway.NotifyAsync(StripeEvents.Completed(Guid.NewGuid(), account.Id, 500))).Should().Be(HttpStatusCode.OK, "it is of somebody else who sells by the same Stripe account");
        (await gateway.NotifyAsync(StripeEvents.Completed(payment, account.Id, 500, paymentStatus: "unpaid"))).Should().Be(HttpStatusCode.OK, "a bank transfer is on its way");

        (await account.EntriesAsync()).Concat(await other.EntriesAsync()).Should().BeEmpty();
        (await account.StatusAsync(payment)).Should().Be("created");
    }

    [Fact]
    public async Task Expired_AfterOrBeforePaid_DoesNotTakeTheMoney()
    {
        await using var stripe = await FakeStripe.StartAsync();
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings(stripe));
        var account = await gateway.CreateAccountAsync("0");
        var (first, second, third) = (await account.PayByStripeAsync(), await account.PayByStripeAsync(), await account.PayByStripeAsync());

        await gateway.NotifyAsync(StripeEvents.Completed(first, account.Id, 500));
        await gateway.NotifyAsync(StripeEvents.Expired(first, account.Id));
        await gateway.NotifyAsync(StripeEvents.Expired(second, account.Id));
        (await account.StatusAsync(second)).Should().Be("expired");
        await gateway.NotifyAsync(StripeEvents.Completed(second, account.Id, 500));
        await gateway.NotifyAsync(StripeEvents.Completed(third, account.Id, 500, paymentStatus: "unpaid", type: "checkout.session.async_payment_failed"));

        (await account.EntriesAsync()).Should().Equal("credit 5", "credit 5");
        (await account.StatusAsync(first), await account.StatusAsync(second), await account.StatusAsync(third)).Should().Be(("paid", "paid", "failed"));
    }

    [Fact]
    public async Task Notifications_OfOneAddress_AreLimited()
    {
        await using var gateway = await TestGateway.StartAsync([.. PaymentGateway.Settings(), "Payments:NotificationsPerMinute=3"]);

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
        {
            answers.Add(await gateway.SendEventAsync("{}", "t=1,v1=00"));
        }

        answers.Should().EndWith(HttpStatusCode.TooManyRequests).And.StartWith(HttpStatusCode.BadRequest);
    }
}
