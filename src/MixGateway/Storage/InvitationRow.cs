namespace MixGateway.Storage;

/// <summary>A link that lets one person join an account, or register where registration is by invitation.</summary>
internal sealed class InvitationRow
{
    public required Guid Id { get; init; }

    /// <summary>The account to join; null if the link only lets somebody register.</summary>
    public Guid? AccountId { get; init; }
    public AccountRole Role { get; init; }

    /// <summary>Whom it is for. The link takes whoever has it, so that a person may use another address.</summary>
    public required string Email { get; init; }

    /// <summary>SHA-256 of the secret in the link; the secret itself is not kept.</summary>
    public required byte[] Sha256 { get; init; }
    public required Guid CreatedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>UTC; null while it is open.</summary>
    public DateTime? AcceptedAt { get; set; }
    public Guid? AcceptedBy { get; set; }
}
