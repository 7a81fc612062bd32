using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace MixGateway.Storage;

/// <summary>A transaction whose reads all see the database at the instant of the first of them. It waits for no writer, and none for it.</summary>
internal static class ReadSnapshot
{
    public static async Task<IDbContextTransaction> BeginSnapshotAsync(this GatewayDbContext database, CancellationToken cancellationToken)
    {
        if (database.Database.GetDbConnection() is not SqliteConnection connection)
        {
            return await database.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        }

        // EF Core's own begin takes SQLite's one write lock.
        await database.Database.OpenConnectionAsync(cancellationToken);
        return (await database.Database.UseTransactionAsync(connection.BeginTransaction(deferred: true), cancellationToken))!;
    }
}
