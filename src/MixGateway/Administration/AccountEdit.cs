using MixGateway.Authentication;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>A change of one account in the transaction that has locked it. What was noted here is saved and told when the change succeeds.</summary>
internal sealed class AccountEdit(GatewayDbContext database, AccountRow account, Actor actor, DateTime now)
{
    private readonly List<(Guid KeyId, KeyHash Hash)> _changedKeys = [];

    public GatewayDbContext Database => database;

    public AccountRow Account => account;

    /// <summary>UTC; the one time of the whole change.</summary>
    public DateTime Now => now;

    public bool HasChanges { get; private set; }

    public bool HasRecordedRefusal { get; private set; }

    public Actor Actor => actor;

    /// <summary>True if the account itself changed: its name, status or limits.</summary>
    public bool AccountChanged { get; set; }

    public IReadOnlyList<(Guid KeyId, KeyHash Hash)> ChangedKeys => _changedKeys;

    public void KeyChanged(ApiKeyRow key)
    {
        Raise();
        key.ChangedVersion = account.Version;
        _changedKeys.Add((key.Id, KeyHash.Read(key.Sha256)));
    }

    /// <summary>Makes the account's version later than one that somebody else has seen and the database has lost.</summary>
    public void RaiseAbove(long version)
    {
        Raise();
        if (account.Version <= version)
        {
            account.Version = checked(version + 1);
            account.ChangedVersion = account.Version;
        }
    }

    /// <summary>Notes in the audit log what is done, and raises the account's version the first time.</summary>
    /// <param name="before">What changes, before; null if there was nothing. Never holds a secret.</param>
    public void Record(string action, Guid target, object? before, object? after)
    {
        Raise();
        database.AuditEntries.Add(AuditEntry.Of(actor, now, action, target, before, after, account.Id));
    }

    /// <summary>Notes a refusal in the audit log; it is saved although nothing else is, and the account stays as it is.</summary>
    public void RecordRefusal(string action, object? after)
    {
        HasRecordedRefusal = true;
        database.AuditEntries.Add(AuditEntry.Of(actor, now, action, account.Id, null, after, account.Id));
    }

    /// <summary>Raises the version once more, for a second entry of the ledger in one change: each has a version of its own.</summary>
    public void RaiseAgain()
    {
        account.Version = checked(account.Version + 1);
        account.ChangedVersion = account.Version;
    }

    private void Raise()
    {
        if (!HasChanges)
        {
            HasChanges = true;
            RaiseAgain();
        }
    }
}
