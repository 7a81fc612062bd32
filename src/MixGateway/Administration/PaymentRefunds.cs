using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>A refund that an administrator made at the provider.</summary>
/// <param name="Amount">In the currency that was paid; everything if null.</param>
/// <param name="IdempotencyKey">The same key notes the same refund, however often it is sent.</param>
internal sealed record ManualRefund(Money? Amount, string? IdempotencyKey);

/// <summary>Notes refunds by hand, for a provider that does not report them.</summary>
internal sealed class PaymentRefunds(PaymentBooks books, PaymentSettlement settlement)
{
    public async Task<Outcome<Payment>> NoteAsync(Actor actor, Guid paymentId, ManualRefund refund, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        errors.CheckLine("idempotencyKey", refund.IdempotencyKey, TextRules.MaxIdempotencyKeyLength);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        var found = await books.GetAsync(paymentId, cancellationToken);
        if (found.IsRefused(out var refusal, out var payment))
        {
            return refusal;
        }

        if (payment.Provider == PaymentProvider.Stripe)
        {
            return Refusal.Conflict("Refund it at Stripe: its notification then books the refund here.");
        }

        if (payment.PaidAt is null)
        {
            return Refusal.Conflict("The payment was not paid, so there is nothing to refund.");
        }

        if (refund.Amount is { } asked && (asked <= Money.Zero || asked > payment.Price))
        {
            errors.Add("amount", $"Has to be above 0 and at most {payment.Price} {payment.PriceCurrency}.");
            return Refusal.Invalid(errors);
        }

        await settlement.ReverseAsync(actor, new PaymentReversal(
            payment.Provider, paymentId, $"manual:{refund.IdempotencyKey}", refund.Amount ?? payment.Price, payment.PriceCurrency, IsReturned: false));
        return await books.GetAsync(paymentId, CancellationToken.None);
    }
}
