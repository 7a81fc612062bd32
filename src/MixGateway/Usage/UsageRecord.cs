using System.Buffers.Binary;
using MixGateway.Billing;
using MixGateway.OpenAI;

namespace MixGateway.Usage;

/// <summary>How a call ended.</summary>
internal enum CallStatus : short
{
    /// <summary>The provider's answer ended as it should.</summary>
    Completed = 1,

    /// <summary>The caller left before the end; what was delivered is billed.</summary>
    Aborted = 2,

    /// <summary>The provider or the gateway failed before the end.</summary>
    Failed = 3,

    /// <summary>The gateway died; what its last heartbeat had counted is billed.</summary>
    Abandoned = 4,
}

/// <summary>Where the token counts of a record come from.</summary>
internal enum UsageSource : short
{
    /// <summary>Nothing was delivered, so nothing was counted.</summary>
    None = 0,

    /// <summary>The provider said so; a reported zero is a report.</summary>
    Reported = 1,

    /// <summary>Counted with a tokenizer, because the provider did not say.</summary>
    Estimated = 2,
}

/// <summary>
/// One admitted call, as it is written to the books: exactly one exists for every admitted call and for no other.
/// </summary>
internal sealed record UsageRecord
{
    /// <summary>The request id, a UUIDv7; its time names the partition, so it is never made by anybody but the gateway.</summary>
    public required Guid RequestId { get; init; }
    public required Guid AccountId { get; init; }
    public required Guid KeyId { get; init; }

    /// <summary>The provider of the last attempt.</summary>
    public required string Provider { get; init; }

    /// <summary>The canonical name, <c>provider:modelId</c>, of the last attempt.</summary>
    public required string Model { get; init; }
    public required bool Stream { get; init; }
    public required CallStatus Status { get; init; }
    public required UsageSource UsageSource { get; init; }
    public required TokenUsage Tokens { get; init; }

    /// <summary>What the provider reported beside the tokens, priced or unpriced, as <see cref="BilledQuantity.Write"/> writes it; null for nothing.</summary>
    public string? Quantities { get; init; }

    /// <summary>The prices that applied, the tier already chosen, and the price per call in nano-units.</summary>
    public required TokenPrices Prices { get; init; }
    public required long RequestPrice { get; init; }

    /// <summary>ISO 4217 code of the billing currency at the time of the call.</summary>
    public required string Currency { get; init; }

    /// <summary>What the call is worth: tokens times prices.</summary>
    public required Money Cost { get; init; }

    /// <summary>What the provider takes for the call, as far as its purchase prices are configured; null: unknown.</summary>
    public Money? PurchaseCost { get; init; }

    /// <summary>
    /// At most this much is charged: what the call held, or what its settlement fixed. Null: only the balance bounds it. Not stored.
    /// </summary>
    public Money? ChargeLimit { get; init; }
    public required long CatalogRevision { get; init; }

    /// <summary>UTC, equal to the time in <see cref="RequestId"/> (milliseconds): <see cref="StartOf"/> gives it.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>Milliseconds from arrival to the end of the provider's answer.</summary>
    public required int DurationMs { get; init; }

    /// <summary>Milliseconds from arrival until the call was admitted; null for an abandoned call.</summary>
    public int? AdmissionMs { get; init; }

    /// <summary>Milliseconds that the durable hot store took to settle the call; null where the database settles it.</summary>
    public int? SettlementMs { get; init; }

    /// <summary>UTC, since when the call's end waits for the database; null where it does not. Not stored: what is stored is how long.</summary>
    public DateTime? SettlesSince { get; init; }

    /// <summary>Milliseconds from arrival to the first byte of the answer's body; null if there was none.</summary>
    public int? FirstTokenMs { get; init; }

    /// <summary>The status the caller was sent.</summary>
    public required int HttpStatus { get; init; }

    /// <summary>The error's code from the closed list of the product, if the call failed.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>How many times a provider was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>The time in a UUIDv7, UTC.</summary>
    public static DateTime StartOf(Guid requestId)
    {
        Span<byte> bytes = stackalloc byte[16];
        requestId.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = ((long)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
        return DateTime.UnixEpoch.AddMilliseconds(milliseconds);
    }
}
