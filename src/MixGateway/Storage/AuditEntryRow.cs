namespace MixGateway.Storage;

/// <summary>Who changed what. Only ever added.</summary>
internal sealed class AuditEntryRow
{
    /// <summary>Of the one entry that is kept for good: it says which currency the ledger is in.</summary>
    public const string CurrencyAction = "billing.currency";

    public required Guid Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Who did it: a user's id, or the name of a token.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done, such as <c>key.revoke</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: the id of an account, key, token, code or user, or the name of a batch of codes.</summary>
    public required string Target { get; init; }

    /// <summary>The account that it was done to or in; null where it was none.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>JSON of what changed, before; null where there was nothing.</summary>
    public string? Before { get; init; }

    /// <summary>JSON of what changed, after; null where nothing is left.</summary>
    public string? After { get; init; }
}
