namespace MixGateway.Storage;

/// <summary>Whether a key was revoked; that it expired is read from <see cref="ApiKeyRow.ExpiresAt"/>.</summary>
internal enum ApiKeyStatus
{
    Active,
    Revoked,
}

/// <summary>What a spend limit counts over, in the billing time zone.</summary>
internal enum SpendLimitPeriod
{
    Day,
    Month,
    Total,
}

/// <summary>A key and what it may do. Null in a limit means that there is none.</summary>
internal sealed class ApiKeyRow : ILimited
{
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required string Name { get; set; }

    /// <summary>SHA-256 of the whole key: 32 bytes. The key itself is not kept.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>Enough to recognise the key in a list, such as <c>sk-abcd…wxyz</c>.</summary>
    public required string Prefix { get; init; }
    public ApiKeyStatus Status { get; set; }

    /// <summary>The account's <see cref="AccountRow.Version"/> of the last change of this key: beyond <see cref="AccountRow.PushedVersion"/>, the hot store does not know of it yet.</summary>
    public long ChangedVersion { get; set; }

    /// <summary>UTC; the key is refused from then on.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>UTC; revoked keys stay in the table so that their records keep a name.</summary>
    public DateTime? RevokedAt { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Patterns of canonical model names, <c>*</c> for any text.</summary>
    public List<string>? AllowedModels { get; set; }
    public long? RequestsPerMinute { get; set; }
    public long? TokensPerMinute { get; set; }

    /// <inheritdoc/>
    public int? MaxConcurrent { get; set; }

    /// <inheritdoc/>
    public long? SpendLimitNanos { get; set; }
    public SpendLimitPeriod? SpendLimitPeriod { get; set; }

    /// <summary>CIDR blocks or single addresses.</summary>
    public List<string>? AllowedAddresses { get; set; }
}
