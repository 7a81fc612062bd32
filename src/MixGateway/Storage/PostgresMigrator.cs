using System.Data;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace MixGateway.Storage;

/// <summary>Migrates PostgreSQL; of many replicas that start at once one does it, and the others wait for it.</summary>
internal sealed class PostgresMigrator(NpgsqlDataSource dataSource, IDbContextFactory<PostgresDbContext> contexts, UsagePartitions partitions) : DatabaseMigrator
{
    /// <summary>Any number that nothing else in the database locks.</summary>
    private const long AdvisoryLock = 0x4D69784761746577;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await ExecuteAsync(connection, $"SELECT pg_advisory_lock({AdvisoryLock})", cancellationToken);
            try
            {
                const string HistoryExists = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('\"__EFMigrationsHistory\"')";
                if (!await IsUpToDateAsync<PostgresDbContext>(connection, HistoryExists, cancellationToken))
                {
                    await using var context = await contexts.CreateDbContextAsync(cancellationToken);
                    context.Database.SetCommandTimeout(Patience);

                    // EF Core would look for it by asking it and log the answer of an empty database as an error.
                    await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
                    await ApplyAsync(context, cancellationToken);
                }

                await partitions.EnsureAsync(connection, cancellationToken);
            }
            finally
            {
                // A broken connection has let go of the lock already; a pooled one would keep it.
                if (connection.State == ConnectionState.Open)
                {
                    await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({AdvisoryLock})", CancellationToken.None);
                }
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            throw new DatabaseRefusedException(Describe(exception));
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)Patience.TotalSeconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private string Describe(Exception exception)
    {
        var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        var reason = exception switch
        {
            PostgresException { MessageText: var text } => text,
            { InnerException: SocketException or TimeoutException or IOException } => exception.InnerException.Message,
            _ => exception.Message,
        };
        return $"ConnectionStrings:Postgres: the database {settings.Database ?? settings.Username} at {settings.Host}:{settings.Port} cannot be used as {settings.Username}: {reason.ReplaceLineEndings(" ")}";
    }
}
