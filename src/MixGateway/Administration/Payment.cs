using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>A payment as it is shown.</summary>
/// <param name="Amount">What the account is credited with, in the billing currency.</param>
/// <param name="Refunded">How much of it was taken back.</param>
/// <param name="Price">What the payer pays, in <paramref name="PriceCurrency"/>.</param>
internal sealed record Payment(
    Guid Id,
    Guid AccountId,
    Guid? UserId,
    PaymentProvider Provider,
    PaymentStatus Status,
    Money Amount,
    Money Refunded,
    Money Price,
    string PriceCurrency,
    string? ProviderId,
    DateTime CreatedAt,
    DateTime? PaidAt)
{
    public static Payment Of(PaymentRow row) => new(
        row.Id,
        row.AccountId,
        row.UserId,
        row.Provider,
        row.Status,
        new Money(row.Amount),
        new Money(row.Refunded),
        new Money(row.Price),
        row.PriceCurrency,
        row.ProviderId,
        row.CreatedAt,
        row.PaidAt);
}

/// <summary>A payment that is about to be made.</summary>
/// <param name="UserId">Who pays; null where a token asks.</param>
internal sealed record NewPayment(Guid? UserId, PaymentProvider Provider, Money Amount, Money Price, string PriceCurrency);
