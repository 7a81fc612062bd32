namespace MixGateway.Storage;

/// <summary>Why a balance changed.</summary>
internal enum LedgerKind
{
    /// <summary>Money came in.</summary>
    Credit,

    /// <summary>A call was charged.</summary>
    Usage,

    /// <summary>An administrator took money out, to correct a mistake.</summary>
    Adjustment,

    /// <summary>A redemption code was turned into money.</summary>
    Redemption,

    /// <summary>The charges of calls from before the retention of usage, added up: their own entries are gone.</summary>
    Carried,
}

/// <summary>
/// One change of a balance. Only ever added: an entry is corrected by another one. Only retention takes entries away, and leaves one
/// <see cref="LedgerKind.Carried"/> entry with their sum in their place.
/// </summary>
internal sealed class LedgerEntryRow
{
    public required Guid AccountId { get; init; }

    /// <summary>The account's <see cref="AccountRow.Version"/> after this entry: rises with every entry, with gaps.</summary>
    public required long Sequence { get; init; }
    public required Guid Id { get; init; }
    public required LedgerKind Kind { get; init; }

    /// <summary>Nano-units, negative where the balance fell; never zero.</summary>
    public required long Amount { get; init; }

    /// <summary>Nano-units.</summary>
    public required long BalanceAfter { get; init; }

    /// <summary>The call that was charged, for <see cref="LedgerKind.Usage"/>.</summary>
    public Guid? RequestId { get; init; }
    public string? Note { get; init; }

    /// <summary>The caller's own name for the change; unique in an account.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>SHA-256 of the request that used <see cref="IdempotencyKey"/> first, to tell a replay from a reuse.</summary>
    public byte[]? RequestHash { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
