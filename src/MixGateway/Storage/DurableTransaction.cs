using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace MixGateway.Storage;

/// <summary>Transactions of changes whose answer promises that they last.</summary>
internal static class DurableTransaction
{
    /// <summary>
    /// Ends a transaction whose gateway has fallen silent in it: a process that stands still, or whose network is gone, would keep
    /// others waiting for its accounts, while those who wait ask again only after their own time-out.
    /// </summary>
    public const string NotForever = "SET LOCAL idle_in_transaction_session_timeout = '5s'";

    /// <summary>Makes the commit wait for the disk, whatever the server's default is.</summary>
    public const string Durable = "SET LOCAL synchronous_commit = on";

    /// <summary>
    /// Begins a transaction that has reached the disk when its commit returns, whatever the server's default is. SQLite's
    /// connections are set up so; there it is BEGIN IMMEDIATE, which waits for the one writer there may be.
    /// </summary>
    public static async Task<IDbContextTransaction> BeginDurableAsync(this GatewayDbContext database)
    {
        var transaction = await database.Database.BeginTransactionAsync();
        if (database.Database.IsNpgsql())
        {
            await database.Database.ExecuteSqlRawAsync(Durable + ";" + NotForever);
        }

        return transaction;
    }
}
