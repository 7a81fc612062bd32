using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MixGateway.Storage;

/// <summary>Looks at the database without changing it: whether it can be used, and which migrations a start would apply.</summary>
internal sealed class DatabaseLook(IDbContextFactory<GatewayDbContext> databases, IServiceProvider services, DataFolder folder)
{
    /// <summary>What is there, in words.</summary>
    /// <exception cref="DatabaseRefusedException">It cannot be used.</exception>
    public async Task<DatabaseState> RunAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<SqliteDatabase>() is { } embedded)
        {
            return await LookAtFileAsync(embedded, cancellationToken);
        }

        var settings = new NpgsqlConnectionStringBuilder(services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
        var name = $"PostgreSQL at {settings.Host}:{settings.Port}, database {settings.Database ?? settings.Username}, role {settings.Username}";
        try
        {
            return await PendingAsync(name, cancellationToken);
        }
        catch (Exception exception) when (DatabaseFault.KindOf(exception) != DatabaseFaultKind.None || exception.GetBaseException() is System.Net.Sockets.SocketException)
        {
            throw new DatabaseRefusedException($"{StorageExtensions.PostgresKey}: {name} cannot be used: {exception.GetBaseException().Message.ReplaceLineEndings(" ")}");
        }
    }

    private async Task<DatabaseState> LookAtFileAsync(SqliteDatabase embedded, CancellationToken cancellationToken)
    {
        var name = $"SQLite in {embedded.File}";
        if (!File.Exists(embedded.File))
        {
            return IsWritable()
                ? new DatabaseState($"{name}: it does not exist yet, and the start creates it", HasTables: false)
                : throw new DatabaseRefusedException($"{DataFolder.Key}: {folder.Path} cannot be written to by this process.");
        }

        try
        {
            return await PendingAsync(name, cancellationToken);
        }
        catch (Microsoft.Data.Sqlite.SqliteException exception)
        {
            throw new DatabaseRefusedException($"{DataFolder.Key}: the database file {embedded.File} cannot be used: {exception.Message}");
        }
    }

    private async Task<DatabaseState> PendingAsync(string name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Database.OpenConnectionAsync(cancellationToken);
        var applied = (await database.Database.GetAppliedMigrationsAsync(cancellationToken)).Count();
        var pending = (await database.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
        return new DatabaseState(pending == 0 ? $"{name}: up to date" : $"{name}: {pending} migrations are missing, and the start or --migrate applies them", applied > 0 && pending == 0);
    }

    /// <summary>Of the folder, or of the nearest one above it that exists. Nothing is written to find out.</summary>
    private bool IsWritable()
    {
        var path = folder.Path;
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
        {
            path = parent;
        }

        return OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess || (File.GetUnixFileMode(path) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;
    }
}

/// <summary>The database as it was found.</summary>
/// <param name="HasTables">True if all tables of this version are there.</param>
internal sealed record DatabaseState(string Text, bool HasTables);
