using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>The table of open calls.</summary>
internal sealed class OpenCallStore(IDbContextFactory<GatewayDbContext> databases)
{
    private const int Batch = 500;

    /// <summary>Short, because a database that hangs is a database that is down: what is not written is written later.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<List<OpenCallRow>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.OpenCalls.AsNoTracking().OrderBy(call => call.RequestId).ToListAsync(cancellationToken);
    }

    /// <summary>All of it or nothing; may be repeated.</summary>
    public async Task WriteAsync(OpenCallChanges changes, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Database.SetCommandTimeout(Patience);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);

        // A row that is written anew is removed first, so that a heartbeat and a repetition are the same as a first time.
        foreach (var ids in changes.Closed.Concat(changes.Opened.Select(static call => call.RequestId)).Chunk(Batch))
        {
            await database.OpenCalls.Where(call => ids.Contains(call.RequestId)).ExecuteDeleteAsync(cancellationToken);
        }

        database.OpenCalls.AddRange(changes.Opened.Select(static call => new OpenCallRow
        {
            RequestId = call.RequestId,
            Hold = call.Hold.Nanos,
            Record = call.Record.ToArray(),
        }));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
