using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace MixGateway.Storage;

/// <summary>Transactions of changes whose answer promises that they last.</summary>
internal static class DurableTransaction
{
    /// <summary>
    /// Begins a transaction that has reached the disk when its commit returns, whatever the server's default is. SQLite's
    /// connections are set up so; there it is BEGIN IMMEDIATE, which waits for the one writer there may be.
    /// </summary>
    public static async Task<IDbContextTransaction> BeginDurableAsync(this GatewayDbContext database)
    {
        var transaction = await database.Database.BeginTransactionAsync();
        if (database.Database.IsNpgsql())
        {
            await database.Database.ExecuteSqlAsync($"SET LOCAL synchronous_commit = on");
        }

        return transaction;
    }
}
