using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>A key and its account as one read finds them.</summary>
internal sealed record StoredKey(ApiKeyRow Key, AccountStatus AccountStatus, long Balance, long Version);

/// <summary>The one look into the database that a call may wait for: the first use of a key.</summary>
internal sealed class KeyLookup(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Null for a key that does not exist.</summary>
    public async Task<StoredKey?> FindAsync(byte[] sha256, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.ApiKeys.AsNoTracking()
            .Where(key => key.Sha256 == sha256)
            .Join(database.Accounts, key => key.AccountId, account => account.Id,
                (key, account) => new StoredKey(key, account.Status, account.Balance, account.Version))
            .FirstOrDefaultAsync(cancellationToken);
    }
}
