namespace MixGateway.Storage;

/// <summary>A code that can be turned into money once, by whoever has it.</summary>
internal sealed class RedemptionCodeRow
{
    /// <summary>A UUIDv7, so that codes sort by their creation.</summary>
    public required Guid Id { get; init; }

    /// <summary>What the codes that were made together are called.</summary>
    public required string Batch { get; init; }

    /// <summary>SHA-256 of the code as it is compared: 32 bytes. The code itself is not kept.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>Its first characters, to recognise it by.</summary>
    public required string Prefix { get; init; }

    /// <summary>Nano-units of the billing currency; more than zero.</summary>
    public required long Amount { get; init; }
    public string? Note { get; init; }

    /// <summary>UTC; the code is refused from then on.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>UTC.</summary>
    public DateTime? RevokedAt { get; set; }

    /// <summary>The account that has the money; null as long as nobody has.</summary>
    public Guid? RedeemedBy { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? RedeemedAt { get; set; }

    /// <summary>Of the account's <see cref="LedgerEntryRow"/> that booked the money.</summary>
    public long? LedgerSequence { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }
}
