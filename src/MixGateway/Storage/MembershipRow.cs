namespace MixGateway.Storage;

/// <summary>What a user may do with an account; each role may do what the ones before it may.</summary>
internal enum AccountRole
{
    /// <summary>Sees everything but secrets.</summary>
    Viewer,

    /// <summary>Makes and revokes keys, spends the balance.</summary>
    Member,

    /// <summary>Pays, and says who belongs to the account.</summary>
    Owner,
}

/// <summary>A user of an account.</summary>
internal sealed class MembershipRow
{
    public required Guid UserId { get; init; }
    public required Guid AccountId { get; init; }
    public required AccountRole Role { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
