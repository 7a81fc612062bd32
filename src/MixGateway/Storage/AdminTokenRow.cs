namespace MixGateway.Storage;

/// <summary>A token of the management API and what it may do.</summary>
internal sealed class AdminTokenRow
{
    /// <summary>A UUIDv7, so that tokens sort by their creation.</summary>
    public required Guid Id { get; init; }

    /// <summary>Unique: the audit log names whoever used the token by it.</summary>
    public required string Name { get; set; }

    /// <summary>SHA-256 of the whole token: 32 bytes. The token itself is not kept.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>Its first and last characters, to recognise it by.</summary>
    public required string Prefix { get; init; }
    public required List<string> Scopes { get; set; }

    /// <summary>UTC; the token is refused from then on.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>UTC; revoked tokens stay in the table so that what they did keeps a name.</summary>
    public DateTime? RevokedAt { get; set; }

    /// <summary>UTC, to the minute or so; null if it never was.</summary>
    public DateTime? LastUsedAt { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }
}
