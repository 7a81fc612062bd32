namespace MixGateway.Storage;

/// <summary>One browser that a user is signed in with. Without its row the browser's cookie is worth nothing.</summary>
internal sealed class UserSessionRow
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>UTC; within some minutes.</summary>
    public required DateTime LastSeenAt { get; set; }

    /// <summary>UTC; moved on by every visit.</summary>
    public required DateTime ExpiresAt { get; set; }

    /// <summary>UTC; when its user last gave the password or a passkey again, for a change of how to sign in.</summary>
    public DateTime? ConfirmedAt { get; set; }

    /// <summary>Where it signed in from.</summary>
    public string? Address { get; init; }

    /// <summary>What the browser calls itself, cut to a length.</summary>
    public string? UserAgent { get; init; }
}
