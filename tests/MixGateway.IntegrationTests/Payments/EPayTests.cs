using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Payments;

namespace MixGateway.IntegrationTests.Payments;

/// <summary>The form and its signature, in both directions.</summary>
public sealed class EPayTests
{
    [Fact]
    public async Task Payment_ByEPay_LeadsToASignedAddressOfTheSite()
    {
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings());
        var account = await gateway.CreateAccountAsync("0");

        var (status, body) = await account.StartPaymentAsync(new { provider = "epay", amount = 5.01, method = "wxpay" });

        status.Should().Be(HttpStatusCode.Created);
        body.GetProperty("payment").GetProperty("provider").GetString().Should().Be("epay");
        var url = new Uri(body.GetProperty("url").GetString()!);
        url.GetLeftPart(UriPartial.Path).Should().Be("https://pay.example/submit.php");
        var parameters = QueryHelpers.ParseQuery(url.Query).ToDictionary(member => member.Key, member => member.Value.ToString());
        parameters.Should().Contain(new Dictionary<string, string>
        {
            ["pid"] = "1001",
            ["type"] = "wxpay",
            ["out_trade_no"] = body.GetProperty("payment").GetProperty("id").GetGuid().ToString("N"),
            ["notify_url"] = "https://gateway.example/payments/epay/notify",
            ["return_url"] = "https://gateway.example/dashboard/billing",
            ["name"] = "API credit",
            ["money"] = "36.08",
            ["sign_type"] = "MD5",
        });
        EPaySignature.IsGenuine(parameters, PaymentGateway.EPayKey).Should().BeTrue();
    }

    [Theory]
    [InlineData(GatewayStores.Embedded, false)]
    [InlineData(GatewayStores.Servers, true)]
    public async Task Success_SentAgainAndAgain_CreditsOnceAndIsThankedEachTime(GatewayStores stores, bool post)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, .. PaymentGateway.Settings()]);
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByEPayAsync();

        foreach (var money in new[] { "36.00", "36", "36.0" })
        {
            (await gateway.NotifyEPayAsync(PaymentGateway.EPayNotice(payment, money), post)).Should().Be((HttpStatusCode.OK, "success"));
        }

        (await account.EntriesAsync()).Should().Equal("credit 5");
        (await account.StatusAsync(payment)).Should().Be("paid");
    }

    [Fact]
    public async Task Success_OfTwoReplicasAtOnce_CreditsOnce()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        string[] settings = [.. set.Settings, .. PaymentGateway.Settings()];
        await using var one = await TestGateway.StartAsync(settings);
        await using var two = await TestGateway.StartAsync(settings);
        var account = await one.CreateAccountAsync("0");
        var payment = await account.PayByEPayAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? one : two).NotifyEPayAsync(PaymentGateway.EPayNotice(payment))));

        answers.Should().OnlyContain(answer => answer.Text == "success");
        (await account.EntriesAsync()).Should().Equal("credit 5");
    }

    [Fact]
    public async Task Notification_ForgedOrContradicting_IsRefusedAndChangesNothing()
    {
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings());
        var account = await gateway.CreateAccountAsync("0");
        var payment = await account.PayByEPayAsync();
        var stripe = Guid.NewGuid();
        var tampered = PaymentGateway.EPayNotice(payment, "0.01");
        tampered["money"] = "36.00";
        var unsigned = PaymentGateway.EPayNotice(payment);
        unsigned.Remove("sign");
        var free = PaymentGateway.EPayNotice(payment, trade: "");

        Dictionary<string, string>[] forgeries =
        [
            tampered, unsigned, free,
            PaymentGateway.EPayNotice(payment, key: "another-key-0123456789"),
            PaymentGateway.EPayNotice(payment, key: ""),
            PaymentGateway.EPayNotice(payment, "0.01"),
            PaymentGateway.EPayNotice(payment, "36.001"),
            PaymentGateway.EPayNotice(payment, "3.6e1"),
            PaymentGateway.EPayNotice(payment, "-36.00"),
            PaymentGateway.EPayNotice(payment, pid: "1002"),
            PaymentGateway.EPayNotice(stripe),
            [],
        ];
        foreach (var forgery in forgeries)
        {
            (await gateway.NotifyEPayAsync(forgery)).Should().Be((HttpStatusCode.BadRequest, "fail"));
        }

        (await gateway.NotifyEPayAsync(PaymentGateway.EPayNotice(payment, status: "WAIT_BUYER_PAY"))).Should().Be((HttpStatusCode.OK, "success"));
        using var twice = await gateway.Client.GetAsync(new Uri(QueryHelpers.AddQueryString("/payments/epay/notify?money=1000.00", PaymentGateway.EPayNotice(payment)!), UriKind.Relative));
        twice.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await account.EntriesAsync()).Should().BeEmpty();
        (await account.StatusAsync(payment)).Should().Be("created");
    }

    [Fact]
    public async Task Trade_ThatPaidForOnePayment_DoesNotPayForAnother()
    {
        await using var gateway = await TestGateway.StartAsync(PaymentGateway.Settings());
        var account = await gateway.CreateAccountAsync("0");
        var (first, second) = (await account.PayByEPayAsync(), await account.PayByEPayAsync());
        (await gateway.NotifyEPayAsync(PaymentGateway.EPayNotice(first))).Text.Should().Be("success");

        (await gateway.NotifyEPayAsync(PaymentGateway.EPayNotice(second))).Text.Should().Be("fail");
        (await gateway.NotifyEPayAsync(PaymentGateway.EPayNotice(first, trade: "another"))).Text.Should().Be("fail", "who paid twice has to be looked after by hand");

        (await account.EntriesAsync()).Should().Equal("credit 5");
    }
}
