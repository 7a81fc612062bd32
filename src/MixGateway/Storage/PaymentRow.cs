namespace MixGateway.Storage;

/// <summary>Who takes the payer's money.</summary>
internal enum PaymentProvider
{
    Stripe,
    Epay,
}

/// <summary>How far a payment is.</summary>
internal enum PaymentStatus
{
    /// <summary>The payer was sent to the provider; nothing is known yet.</summary>
    Created,

    /// <summary>The money came in and is in the ledger.</summary>
    Paid,

    /// <summary>The provider tried and did not get the money.</summary>
    Failed,

    /// <summary>The payer did not pay in time.</summary>
    Expired,

    /// <summary>The money came in, and all of it went back.</summary>
    Refunded,
}

/// <summary>A top-up by a payment provider. Created before the payer is sent there; credited by the provider's notification alone.</summary>
internal sealed class PaymentRow
{
    /// <summary>A UUIDv7, so that payments sort by their creation. The provider knows the payment by it.</summary>
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }

    /// <summary>Who pays; null where a token asked for the payment.</summary>
    public Guid? UserId { get; init; }
    public required PaymentProvider Provider { get; init; }
    public PaymentStatus Status { get; set; }

    /// <summary>Nano-units of the billing currency: what the account is credited with.</summary>
    public required long Amount { get; init; }

    /// <summary>Nano-units of <see cref="PriceCurrency"/>: what the payer pays.</summary>
    public required long Price { get; init; }

    /// <summary>ISO 4217 code, in capitals.</summary>
    public required string PriceCurrency { get; init; }

    /// <summary>Nano-units of the billing currency: how much of <see cref="Amount"/> was taken back.</summary>
    public long Refunded { get; set; }

    /// <summary>The provider's own id: of a checkout session of Stripe, of a trade of EPay.</summary>
    public string? ProviderId { get; set; }

    /// <summary>Stripe's payment intent, by which it names refunds and disputes.</summary>
    public string? ProviderPaymentId { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>UTC; set in the transaction that credits the account, and never again.</summary>
    public DateTime? PaidAt { get; set; }
}
