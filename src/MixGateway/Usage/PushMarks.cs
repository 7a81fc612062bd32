using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>Which accounts have changes that the hot store was not yet told of: kept in the database, so that any replica can tell it.</summary>
internal sealed class PushMarks(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Accounts with changes to push, in the order of their ids, from the one after <paramref name="after"/>.</summary>
    public async Task<List<Guid>> FindAsync(Guid after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Accounts
            .Where(account => account.PushedVersion < account.ChangedVersion && account.Id.CompareTo(after) > 0)
            .OrderBy(account => account.Id)
            .Select(account => account.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Notes that the hot store knows an account as of a version, unless it is known to know a later one.</summary>
    public async Task SetAsync(Guid accountId, long version)
    {
        await using var database = await databases.CreateDbContextAsync();
        await database.Accounts
            .Where(account => account.Id == accountId && account.PushedVersion < version)
            .ExecuteUpdateAsync(account => account.SetProperty(row => row.PushedVersion, version));
    }
}
