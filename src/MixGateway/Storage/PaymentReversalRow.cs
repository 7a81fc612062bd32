namespace MixGateway.Storage;

/// <summary>Money of a payment that went back to the payer: a refund, or a dispute.</summary>
internal sealed class PaymentReversalRow
{
    public required Guid PaymentId { get; init; }

    /// <summary>The provider's id of the refund or dispute; of a refund by hand, the key that the administrator gave it.</summary>
    public required string Id { get; init; }

    /// <summary>Nano-units of the payment's <see cref="PaymentRow.PriceCurrency"/>.</summary>
    public required long Amount { get; init; }

    /// <summary>The refund failed, or the dispute was won: the money is back. Final.</summary>
    public bool IsReturned { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
