using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace MixGateway.Storage;

/// <summary>Makes what EF Core commits to SQLite as durable as what the books commit.</summary>
internal sealed class SqlitePragmaInterceptor : DbConnectionInterceptor
{
    /// <inheritdoc/>
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = SqliteDatabase.Pragmas;
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = SqliteDatabase.Pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
