using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>What a replica tells of itself in the database.</summary>
internal readonly record struct ReplicaSign(Guid Id, string HotStoreId, string HotStore, string Host, DateTime At);

/// <summary>The table of the gateways that run on a database. Joining it is one at a time.</summary>
internal sealed class ReplicaTable(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Any number that nothing else locks: the letters of "replicas", in part.</summary>
    private const long JoinLock = 0x7265_706c_6963;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Joins, unless a replica with another hot store is there that is not known to be dead.</summary>
    /// <param name="isDead">Asked about each replica with another hot store; the dead are removed.</param>
    /// <returns>The replicas that are in the way; none if this one has joined.</returns>
    public async Task<List<ReplicaRow>> JoinAsync(ReplicaSign sign, Func<ReplicaRow, bool> isDead, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Database.SetCommandTimeout(Patience);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({JoinLock})", cancellationToken);
        var others = await database.Replicas.AsTracking().Where(replica => replica.HotStoreId != sign.HotStoreId).ToListAsync(cancellationToken);
        var living = others.FindAll(replica => !isDead(replica));
        if (living.Count > 0)
        {
            return living;
        }

        database.Replicas.RemoveRange(others);
        await database.Replicas.Where(replica => replica.Id == sign.Id).ExecuteDeleteAsync(cancellationToken);
        database.Replicas.Add(new ReplicaRow { Id = sign.Id, HotStoreId = sign.HotStoreId, HotStore = sign.HotStore, Host = sign.Host, SeenAt = sign.At });
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return [];
    }

    /// <summary>A sign of life, with the hot store's present name.</summary>
    /// <returns>False if this replica was taken for dead and removed.</returns>
    public async Task<bool> BeatAsync(ReplicaSign sign, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Database.SetCommandTimeout(Patience);
        return await database.Replicas.Where(replica => replica.Id == sign.Id)
            .ExecuteUpdateAsync(
                replica => replica
                    .SetProperty(row => row.Beats, row => row.Beats + 1)
                    .SetProperty(row => row.HotStoreId, sign.HotStoreId)
                    .SetProperty(row => row.SeenAt, sign.At),
                cancellationToken) > 0;
    }

    /// <summary>Removes a replica that stops, and those that were not seen since a time: they do no harm, but nobody else removes them.</summary>
    public async Task LeaveAsync(Guid id, DateTime unseenSince, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Database.SetCommandTimeout(Patience);
        await database.Replicas.Where(replica => replica.Id == id || replica.SeenAt < unseenSince).ExecuteDeleteAsync(cancellationToken);
    }
}
