namespace MixGateway.Storage;

/// <summary>Whether the keys of an account may be used.</summary>
internal enum AccountStatus
{
    Active,
    Suspended,
}

/// <summary>Who pays: a prepaid balance, with the keys that spend it.</summary>
internal sealed class AccountRow : ILimited
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

    /// <summary>The <see cref="Version"/> of the last change that the hot store has to be told of; charges of calls reach it by themselves.</summary>
    public long ChangedVersion { get; set; }

    /// <summary>The <see cref="Version"/> up to which the hot store was told of changes. Written apart from all else, and only upwards.</summary>
    public long PushedVersion { get; set; }
    public long? RequestsPerMinute { get; set; }
    public long? TokensPerMinute { get; set; }

    /// <inheritdoc/>
    public int? MaxConcurrent { get; set; }

    /// <inheritdoc/>
    public long? SpendLimitNanos { get; set; }
    public SpendLimitPeriod? SpendLimitPeriod { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
