using System.Text.Json;
using Microsoft.Extensions.Options;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Storage;
using Stripe;
using Stripe.Checkout;

namespace MixGateway.Payments;

/// <summary>Reads what Stripe reports.</summary>
internal sealed partial class StripeNotifications(
    PaymentSettlement settlement, PaymentBooks books, StripePayments stripe, IOptions<PaymentsOptions> options, TimeProvider time, ILogger<StripeNotifications> logger)
{
    /// <summary>How old a notification may be, so that a recorded one is of no use later; Stripe signs each delivery anew.</summary>
    private const long ToleranceSeconds = 300;

    private readonly string _secret = options.Value.Stripe.WebhookSecret!;

    /// <param name="body">As it was sent: the signature is of every byte.</param>
    /// <param name="signature">The header <c>Stripe-Signature</c>.</param>
    public async Task<PaymentAnswer> TakeAsync(string body, string signature)
    {
        if (Read(body, signature) is not { } notification)
        {
            Log.Forged(logger);
            return PaymentAnswer.Refused;
        }

        return (notification.Type, notification.Data?.Object) switch
        {
            (EventTypes.CheckoutSessionCompleted or EventTypes.CheckoutSessionAsyncPaymentSucceeded, Session { PaymentStatus: "paid" } session) => await PayAsync(session),
            (EventTypes.CheckoutSessionAsyncPaymentFailed, Session session) => await CloseAsync(session, PaymentStatus.Failed),
            (EventTypes.CheckoutSessionExpired, Session session) => await CloseAsync(session, PaymentStatus.Expired),
            (EventTypes.RefundCreated or EventTypes.RefundUpdated or EventTypes.RefundFailed or EventTypes.ChargeRefundUpdated, Refund refund) =>
                await ReverseAsync(refund.PaymentIntentId, refund.Id, refund.Amount, refund.Currency, refund.Status is "failed" or "canceled"),
            (EventTypes.ChargeDisputeFundsWithdrawn, Dispute dispute) => await ReverseAsync(dispute.PaymentIntentId, dispute.Id, dispute.Amount, dispute.Currency, false),
            (EventTypes.ChargeDisputeFundsReinstated, Dispute dispute) => await ReverseAsync(dispute.PaymentIntentId, dispute.Id, dispute.Amount, dispute.Currency, true),
            _ => PaymentAnswer.Ignored,
        };
    }

    /// <summary>Null if Stripe did not sign it, or not lately, or it is no event.</summary>
    private Event? Read(string body, string signature)
    {
        try
        {
            EventUtility.ValidateSignature(body, signature, _secret, ToleranceSeconds, time.GetUtcNow().ToUnixTimeSeconds());
            return IsEvent(body) ? EventUtility.ConstructEventWithoutVerification(body, throwOnApiVersionMismatch: false) : null;
        }
        catch (Exception exception) when (exception is StripeException or JsonException or Newtonsoft.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>False for what Stripe.net would stumble over.</summary>
    private static bool IsEvent(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement is { ValueKind: JsonValueKind.Object } root
            && root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            && data.TryGetProperty("object", out var about) && about.ValueKind == JsonValueKind.Object;
    }

    private async Task<PaymentAnswer> PayAsync(Session session)
    {
        if (PaymentOf(session) is not { } paymentId)
        {
            return PaymentAnswer.Ignored;
        }

        if (session.AmountTotal is not { } units || session.Currency is not { } currency
            || !Guid.TryParse(session.Metadata.GetValueOrDefault(StripePayments.AccountMember), out var accountId)
            || !TryAmount(units, currency, out var paid))
        {
            Log.Unreadable(logger, session.Id);
            return PaymentAnswer.Refused;
        }

        return await settlement.PayAsync(new PaymentNotice(PaymentProvider.Stripe, paymentId, accountId, paid, currency, session.Id, session.PaymentIntentId));
    }

    private async Task<PaymentAnswer> CloseAsync(Session session, PaymentStatus status) =>
        PaymentOf(session) is { } paymentId ? await settlement.CloseAsync(PaymentProvider.Stripe, paymentId, status) : PaymentAnswer.Ignored;

    private async Task<PaymentAnswer> ReverseAsync(string? paymentIntentId, string reversalId, long units, string? currency, bool isReturned)
    {
        if (paymentIntentId is null || currency is null)
        {
            return PaymentAnswer.Ignored;
        }

        var paymentId = await books.FindAsync(PaymentProvider.Stripe, paymentIntentId);
        if (paymentId is null)
        {
            // It may be news of a payment whose own notification is still on its way.
            (var answered, paymentId) = await stripe.FindAsync(paymentIntentId);
            if (!answered)
            {
                return PaymentAnswer.Unavailable;
            }
        }

        if (paymentId is not { } known)
        {
            return PaymentAnswer.Ignored;
        }

        return TryAmount(units, currency, out var amount)
            ? await settlement.ReverseAsync(new PaymentReversal(PaymentProvider.Stripe, known, reversalId, amount, currency, isReturned))
            : PaymentAnswer.Refused;
    }

    /// <summary>Null for what was sold to somebody else with the same Stripe account.</summary>
    private static Guid? PaymentOf(Session session) =>
        session.Metadata is { } metadata && Guid.TryParse(metadata.GetValueOrDefault(StripePayments.PaymentMember), out var id) ? id : null;

    private static bool TryAmount(long units, string currency, out Money amount)
    {
        // More than anybody tops up; its nano-units would not fit.
        var fits = units is >= 0 and < 1_000_000_000;
        amount = fits ? MinorUnits.AmountOf(units, currency) : Money.Zero;
        return fits;
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "StripeForged", Level = LogLevel.Warning, Message = "A notification that claims to be Stripe's has no genuine signature, or an old one.")]
        public static partial void Forged(ILogger logger);

        [LoggerMessage(EventName = "StripeUnreadable", Level = LogLevel.Error, Message = "A genuine notification of Stripe's session {Session} lacks account, amount or currency.")]
        public static partial void Unreadable(ILogger logger, string session);
    }
}
