using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Payments;

/// <summary>Stripe's notifications, signed as Stripe signs them.</summary>
internal static class StripeEvents
{
    public static string Completed(Guid payment, Guid account, long units, string currency = "usd", string paymentStatus = "paid", string? session = null, string type = "checkout.session.completed") =>
        Event(type, new
        {
            id = session ?? $"cs_test_{payment}",
            @object = "checkout.session",
            amount_total = units,
            currency,
            payment_status = paymentStatus,
            payment_intent = $"pi_{payment:N}",
            client_reference_id = payment.ToString(),
            metadata = new { payment_id = payment.ToString(), account_id = account.ToString() },
        });

    public static string Expired(Guid payment, Guid account) => Completed(payment, account, 500, paymentStatus: "unpaid", type: "checkout.session.expired");

    public static string Refund(Guid payment, string id, long units, string status = "succeeded", string type = "refund.created", string currency = "usd") =>
        Event(type, new { id, @object = "refund", amount = units, currency, status, payment_intent = $"pi_{payment:N}", charge = "ch_1" });

    public static string Dispute(Guid payment, string id, long units, string type) =>
        Event($"charge.dispute.{type}", new { id, @object = "dispute", amount = units, currency = "usd", status = "needs_response", payment_intent = $"pi_{payment:N}", charge = "ch_1" });

    public static string Event(string type, object data) => JsonSerializer.Serialize(new
    {
        id = $"evt_{Guid.NewGuid():N}",
        @object = "event",
        api_version = "2024-06-20",
        created = 1_700_000_000,
        livemode = false,
        type,
        data = new { @object = data },
    });

    public static async Task<HttpStatusCode> NotifyAsync(this TestGateway gateway, string body, string secret = PaymentGateway.WebhookSecret, TimeSpan age = default)
    {
        var time = (DateTimeOffset.UtcNow - age).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}")));
        return await gateway.SendEventAsync(body, $"t={time},v1={signature}");
    }

    public static async Task<HttpStatusCode> SendEventAsync(this TestGateway gateway, string body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/payments/stripe/notify") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (signature is not null)
        {
            request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        }

        using var response = await gateway.Client.SendAsync(request);
        (await response.Content.ReadAsStringAsync()).Should().BeEmpty("an answer tells a forger nothing");
        return response.StatusCode;
    }
}
