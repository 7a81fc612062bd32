using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>Migrates the embedded database; the lock on its folder keeps everybody else away.</summary>
internal sealed class SqliteMigrator(DataFolder folder, SqliteDatabase database, IDbContextFactory<SqliteDbContext> contexts) : DatabaseMigrator
{
    /// <inheritdoc/>
    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        folder.Lock();
        try
        {
            await using var connection = database.Open();
            if (await IsUpToDateAsync<SqliteDbContext>(connection, Exists("__EFMigrationsHistory"), cancellationToken))
            {
                return;
            }

            await RemoveStaleLockAsync(connection, cancellationToken);
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await ApplyAsync(context, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw new DatabaseRefusedException($"{DataFolder.Key}: the database file {database.File} cannot be used: {exception.Message}");
        }
    }

    private static string Exists(string table) => $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}'";

    /// <summary>EF Core waits for ever for a lock that a killed migration left behind; nobody else can hold one here.</summary>
    private static async Task RemoveStaleLockAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Exists("__EFMigrationsLock");
        if (await command.ExecuteScalarAsync(cancellationToken) is 1L)
        {
            command.CommandText = "DELETE FROM \"__EFMigrationsLock\"";
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
