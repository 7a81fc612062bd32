using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>A key as the database has it.</summary>
/// <param name="AccountVersion">The account's version at the instant at which the key was read.</param>
internal sealed record StoredKey(ApiKeyRow Row, long AccountVersion);

/// <summary>The one look into the database that a call may wait for: the first use of a key, or of one that was changed.</summary>
internal sealed class KeyLookup(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Short, because callers wait for it: a database that hangs is a database that is down.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Those of the keys that exist, in one statement, so that key and version belong together.</summary>
    public async Task<List<StoredKey>> FindAsync(IReadOnlyCollection<byte[]> hashes)
    {
        await using var database = await databases.CreateDbContextAsync();
        database.Database.SetCommandTimeout(Patience);
        return await database.ApiKeys.AsNoTracking()
            .Where(key => hashes.Contains(key.Sha256))
            .Join(database.Accounts, static key => key.AccountId, static account => account.Id, static (key, account) => new StoredKey(key, account.Version))
            .ToListAsync();
    }
}
