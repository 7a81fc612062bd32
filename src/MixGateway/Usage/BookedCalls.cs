using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>Asks the database whether a call has its record.</summary>
internal sealed class BookedCalls(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Short, because the heartbeats of other calls wait behind it: a database that hangs is a database that is down.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Null if the database does not answer.</summary>
    public async Task<bool?> ExistsAsync(Guid requestId)
    {
        var startedAt = UsageRecord.StartOf(requestId);
        try
        {
            await using var database = await databases.CreateDbContextAsync();
            database.Database.SetCommandTimeout(Patience);
            return await database.UsageRecords.AnyAsync(record => record.StartedAt == startedAt && record.RequestId == requestId);
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            return null;
        }
    }
}
