using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>The one look into the database that a call may wait for: the first use of a key.</summary>
internal sealed class KeyLookup(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Null for a key that does not exist.</summary>
    public async Task<ApiKeyRow?> FindAsync(byte[] sha256, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.ApiKeys.AsNoTracking().FirstOrDefaultAsync(key => key.Sha256 == sha256, cancellationToken);
    }
}
