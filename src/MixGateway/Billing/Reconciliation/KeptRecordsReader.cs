using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using MixGateway.Storage;

namespace MixGateway.Billing.Reconciliation;

/// <summary>Finds out which days still have their records: from the partitions that are attached, however the others went, and from what retention has cleared.</summary>
internal sealed class KeptRecordsReader(BillingCalendar calendar)
{
    /// <summary>
    /// Belongs at the beginning of a transaction that reads records afterwards: no month goes until it ends, and a snapshot that is taken
    /// after it sees the months that its queries read.
    /// </summary>
    public async Task<KeptRecords> ReadAsync(GatewayDbContext database, CancellationToken cancellationToken)
    {
        if (database.Database.IsNpgsql())
        {
            await database.Database.ExecuteSqlRawAsync("LOCK TABLE usage_records IN ACCESS SHARE MODE", cancellationToken);
        }

        return await PeekAsync(database, cancellationToken);
    }

    /// <summary>What is kept right now. It may be less a moment later.</summary>
    public async Task<KeptRecords> PeekAsync(GatewayDbContext database, CancellationToken cancellationToken)
    {
        var months = database.Database.IsNpgsql() ? await ReadPartitionsAsync(database, cancellationToken) : [(null, null)];
        return KeptRecords.Of(months, await database.ReadMarkAsync(RetentionMarkRow.Usage, cancellationToken), calendar);
    }

    private static async Task<List<(DateTime? Since, DateTime? Until)>> ReadPartitionsAsync(GatewayDbContext database, CancellationToken cancellationToken)
    {
        await database.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = database.Database.GetDbConnection().CreateCommand();
            command.CommandText = PartitionBounds.Query;
            command.Transaction = database.Database.CurrentTransaction?.GetDbTransaction();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            List<(DateTime? Since, DateTime? Until)> months = [];
            while (await reader.ReadAsync(cancellationToken))
            {
                months.Add((reader.IsDBNull(1) ? null : reader.GetDateTime(1), reader.IsDBNull(2) ? null : reader.GetDateTime(2)));
            }

            return months;
        }
        finally
        {
            await database.Database.CloseConnectionAsync();
        }
    }
}
