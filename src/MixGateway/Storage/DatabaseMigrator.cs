using System.Data.Common;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MixGateway.Storage;

/// <summary>Brings the database to the newest migration.</summary>
internal abstract class DatabaseMigrator
{
    /// <summary>Safe to run from many processes at once; quick if there is nothing to do, because EF Core's model is not built then.</summary>
    /// <exception cref="DatabaseRefusedException">The database cannot be used.</exception>
    public abstract Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Migrations of the database that this program does not have: a newer one made them. Known after <see cref="MigrateAsync"/>.</summary>
    public IReadOnlyList<string> Newer { get; private set; } = [];

    /// <summary>True if every migration of this program was applied; a newer program may have applied more.</summary>
    /// <param name="historyExists">SQL that gives 1 if the table <c>__EFMigrationsHistory</c> exists, else 0.</param>
    protected async Task<bool> IsUpToDateAsync<TContext>(DbConnection connection, string historyExists, CancellationToken cancellationToken)
        where TContext : GatewayDbContext
    {
        await using var command = connection.CreateCommand();
        command.CommandText = historyExists;
        if (await command.ExecuteScalarAsync(cancellationToken) is not (1 or 1L))
        {
            return false;
        }

        var missing = Known<TContext>();
        command.CommandText = "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> newer = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetString(0);
            if (!missing.Remove(id))
            {
                newer.Add(id);
            }
        }

        Newer = newer;
        return missing.Count == 0;
    }

    /// <summary>
    /// Applies what is missing. The newest migration is named, because without a name EF Core also compares its model with the last migration's, at
    /// every start; a test does that.
    /// </summary>
    protected static async Task ApplyAsync<TContext>(TContext context, CancellationToken cancellationToken)
        where TContext : GatewayDbContext =>
        await context.Database.MigrateAsync(Known<TContext>().Max(StringComparer.Ordinal), cancellationToken);

    private static HashSet<string> Known<TContext>() =>
        [.. from type in typeof(TContext).Assembly.GetTypes()
            where type.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(TContext)
            let id = type.GetCustomAttribute<MigrationAttribute>()?.Id
            where id is not null
            select id];
}
