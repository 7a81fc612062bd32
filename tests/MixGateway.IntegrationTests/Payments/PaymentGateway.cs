using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Payments;

namespace MixGateway.IntegrationTests.Payments;

/// <summary>What a gateway needs to take payments, and what tests ask of one.</summary>
internal static class PaymentGateway
{
    public const string WebhookSecret = "whsec_of_the_tests_0123456789";
    public const string EPayKey = "epay-key-of-the-tests-0123456789";
    public const string StripeKey = "sk_test_of_the_tests_0123456789";

    public static string[] Settings(FakeStripe? stripe = null) =>
    [
        "Console:PublicUrl=https://gateway.example",
        $"Payments:Stripe:SecretKey={StripeKey}",
        $"Payments:Stripe:WebhookSecret={WebhookSecret}",
        $"Payments:Stripe:ApiUrl={stripe?.Address ?? "http://127.0.0.1:9"}",
        "Payments:Stripe:Timeout=00:00:01",
        "Payments:EPay:Url=https://pay.example/",
        "Payments:EPay:Pid=1001",
        $"Payments:EPay:Key={EPayKey}",
        "Payments:EPay:Rate=7.2",
    ];

    public static async Task<(HttpStatusCode Status, JsonElement Body)> StartPaymentAsync(this TestAccount account, object request, TestGateway? gateway = null)
    {
        using var response = await (gateway ?? account.Gateway).Admin.PostAsJsonAsync($"/api/v1/accounts/{account.Id}/payments", request);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>A payment of 5 by Stripe.</summary>
    public static Task<Guid> PayByStripeAsync(this TestAccount account) => account.PayAsync(new { provider = "stripe", amount = "5" });

    /// <summary>A payment of 5, which is 36 yuan, by EPay.</summary>
    public static Task<Guid> PayByEPayAsync(this TestAccount account) => account.PayAsync(new { provider = "epay", amount = "5" });

    public static async Task<JsonElement> ReadPaymentAsync(this TestAccount account, Guid payment) => await account.Gateway.GetAsync($"/api/v1/payments/{payment}");

    public static async Task<string> StatusAsync(this TestAccount account, Guid payment) => (await account.ReadPaymentAsync(payment)).GetProperty("status").GetString()!;

    /// <summary>What the ledger holds, oldest first; checks that it adds up, and that the hot store has heard of it.</summary>
    public static async Task<string[]> EntriesAsync(this TestAccount account)
    {
        var entries = (await account.LedgerAsync()).Reverse().ToArray();
        var balance = (await account.ReadAsync()).GetProperty("balance").GetString()!;
        entries.Sum(entry => Decimal(entry.GetProperty("amount").GetString()!)).Should().Be(Decimal(balance));
        (await account.Gateway.InspectAsync(account)).Base.Decimal().Should().Be(Decimal(balance));
        return [.. entries.Select(entry => $"{entry.GetProperty("kind").GetString()} {entry.GetProperty("amount").GetString()}")];
    }

    /// <summary>The parameters of a notification of EPay's, signed.</summary>
    public static Dictionary<string, string> EPayNotice(Guid payment, string money = "36.00", string status = "TRADE_SUCCESS", string pid = "1001", string trade = "2026112212000000001", string key = EPayKey)
    {
        var parameters = new Dictionary<string, string>
        {
            ["pid"] = pid,
            ["trade_no"] = trade,
            ["out_trade_no"] = payment.ToString("N"),
            ["type"] = "alipay",
            ["name"] = "API credit",
            ["money"] = money,
            ["trade_status"] = status,
            ["param"] = "",
        };
        parameters["sign"] = EPaySignature.Of(parameters, key);
        parameters["sign_type"] = "MD5";
        return parameters;
    }

    public static async Task<(HttpStatusCode Status, string Text)> NotifyEPayAsync(this TestGateway gateway, Dictionary<string, string> parameters, bool post = false)
    {
        using var form = new FormUrlEncodedContent(parameters);
        using var response = post
            ? await gateway.Client.PostAsync(new Uri("/payments/epay/notify", UriKind.Relative), form)
            : await gateway.Client.GetAsync(new Uri(QueryHelpers.AddQueryString("/payments/epay/notify", parameters!), UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<Guid> PayAsync(this TestAccount account, object request)
    {
        var (status, body) = await account.StartPaymentAsync(request);
        status.Should().Be(HttpStatusCode.Created, "{0}", body);
        return body.GetProperty("payment").GetProperty("id").GetGuid();
    }

    private static decimal Decimal(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
