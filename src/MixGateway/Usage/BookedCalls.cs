using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>Asks the database whether a call has its record.</summary>
internal sealed class BookedCalls(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Null if the database does not answer.</summary>
    public async Task<bool?> ExistsAsync(Guid requestId)
    {
        var startedAt = UsageRecord.StartOf(requestId);
        try
        {
            await using var database = await databases.CreateDbContextAsync();
            return await database.UsageRecords.AnyAsync(record => record.StartedAt == startedAt && record.RequestId == requestId);
        }
        catch (Exception e) when (e is DbException or TimeoutException or InvalidOperationException { InnerException: DbException or TimeoutException })
        {
            return null;
        }
    }
}
