namespace MixGateway.IntegrationTests.Quotas.Walk;

internal enum WalkStatus
{
    Completed,
    Abandoned,
}

/// <param name="By">Which gateway wrote it; a sweeper writes for nobody.</param>
internal sealed record WalkRecord(WalkStatus Status, long Charged, int? By);

/// <param name="IsNew">False if the record was there, so that balance and version count later ones too.</param>
internal sealed record Written(WalkRecord Winner, long Balance, long Version, bool IsNew);

/// <summary>The database of a walk: one transaction at a time, never torn, never lost.</summary>
/// <param name="limit">Of spend, to begin with.</param>
internal sealed class WalkBooks(long balance, long limit)
{
    public Dictionary<Guid, WalkRecord> Records { get; } = [];

    public List<long> Ledger { get; } = [balance];

    public long Balance { get; private set; } = balance;

    public long Version { get; private set; } = 1;

    /// <summary>Of the last change that was no booking.</summary>
    public long ChangedVersion { get; private set; } = 1;

    /// <summary>The key's status, which every few steps somebody changes.</summary>
    public bool IsRevoked { get; private set; }

    /// <summary>What the key may spend in all, and the account in the day; both are only ever raised, so they bound the whole walk.</summary>
    public long KeyLimit { get; private set; } = limit;

    /// <inheritdoc cref="KeyLimit"/>
    public long AccountLimit { get; private set; } = limit;

    /// <summary>What is booked.</summary>
    public long Charged => Records.Values.Sum(static record => record.Charged);

    public Written Write(Guid id, WalkRecord record)
    {
        var isNew = Records.TryAdd(id, record);
        if (isNew)
        {
            Move(-record.Charged);
        }

        return new Written(Records[id], Balance, Version, isNew);
    }

    public void Credit(long amount)
    {
        Move(amount);
        ChangedVersion = Version;
    }

    public void ToggleKey()
    {
        IsRevoked = !IsRevoked;
        ChangedVersion = ++Version;
    }

    public void RaiseLimit(bool ofAccount, long amount)
    {
        (KeyLimit, AccountLimit) = ofAccount ? (KeyLimit, AccountLimit + amount) : (KeyLimit + amount, AccountLimit);
        ChangedVersion = ++Version;
    }

    private void Move(long amount)
    {
        Balance += amount;
        Version++;
        Ledger.Add(amount);
    }
}
