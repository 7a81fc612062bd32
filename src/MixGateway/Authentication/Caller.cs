using MixGateway.Routing;

namespace MixGateway.Authentication;

/// <summary>Who pays: what the gateway knows of an account, shared by all of its keys. Only newer versions replace older ones.</summary>
internal sealed class AccountView(Guid id, bool suspended, long balance, long version)
{
    private readonly Lock _lock = new();
    private long _balance = balance;
    private long _version = version;
    private volatile bool _suspended = suspended;

    public Guid Id => id;

    public bool Suspended => _suspended;

    /// <summary>Nano-units of the billing currency.</summary>
    public long Balance => Interlocked.Read(ref _balance);

    /// <summary>Takes a balance over if it is newer than the known one; answers may arrive out of order.</summary>
    public void OnBalance(long balance, long version)
    {
        lock (_lock)
        {
            if (version > _version)
            {
                _version = version;
                _balance = balance;
            }
        }
    }

    public void OnRead(bool suspended, long balance, long version)
    {
        lock (_lock)
        {
            if (version >= _version)
            {
                _version = version;
                _balance = balance;
                _suspended = suspended;
            }
        }
    }
}

/// <summary>The key that a request was authenticated with, and what it may do. A feature of the request.</summary>
/// <param name="Revoked">A revoked key stays known, so that it is refused without a look into the database.</param>
/// <param name="ExpiresAt">UTC; null for a key that does not expire.</param>
internal sealed record Caller(
    Guid KeyId,
    AccountView Account,
    bool Revoked,
    DateTime? ExpiresAt,
    ModelPatterns AllowedModels,
    AddressRules AllowedAddresses)
{
    public Guid AccountId => Account.Id;
}
