namespace MixGateway.Storage;

/// <summary>Whether the keys of an account may be used.</summary>
internal enum AccountStatus
{
    Active,
    Suspended,
}

/// <summary>Who pays: a prepaid balance, with the keys that spend it.</summary>
internal sealed class AccountRow
{
    /// <summary>A UUIDv7, so that accounts sort by their creation.</summary>
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public AccountStatus Status { get; set; }

    /// <summary>Nano-units of the billing currency; always the sum of the account's ledger.</summary>
    public long Balance { get; set; }

    /// <summary>
    /// Rises in every transaction that changes the account, its balance or its keys, and is checked when EF Core saves:
    /// who changes the row must raise it, and repeats the change if somebody else was faster.
    /// </summary>
    public long Version { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
