namespace MixGateway.Storage;

/// <summary>An account's wish to hear of a low balance, and whether it was told.</summary>
internal sealed class BalanceAlertRow
{
    public required Guid AccountId { get; init; }

    /// <summary>Nano-units; a balance below it is low.</summary>
    public required long Threshold { get; set; }

    /// <summary>UTC; until then one replica is about to send the mail, and no other does.</summary>
    public DateTime? ClaimedUntil { get; set; }

    /// <summary>UTC; when the mail was sent for this fall. Null again once the balance is not low.</summary>
    public DateTime? MailedAt { get; set; }
}
