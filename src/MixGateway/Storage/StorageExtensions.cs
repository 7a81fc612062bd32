using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace MixGateway.Storage;

internal static class StorageExtensions
{
    public const string PostgresKey = "ConnectionStrings:Postgres";

    /// <summary>The password alone, so that one secret file serves the database server and the gateway.</summary>
    public const string PasswordKey = "ConnectionStrings:PostgresPassword";

    /// <summary>
    /// Adds <c>IDbContextFactory&lt;GatewayDbContext&gt;</c> on PostgreSQL where <c>ConnectionStrings:Postgres</c> is set, else on a file
    /// under <c>Data:Path</c>, and migrates at start.
    /// </summary>
    /// <exception cref="DatabaseRefusedException"><c>ConnectionStrings:Postgres</c> cannot be read.</exception>
    public static void AddStorage(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<DataFolder>();
        builder.Services.AddSingleton<DatabaseLook>();
        if (UsesPostgres(builder.Configuration))
        {
            AddPostgres(builder.Services, Complete(builder.Configuration[PostgresKey]!, builder.Configuration[PasswordKey]));
        }
        else
        {
            AddSqlite(builder.Services);
        }

        builder.Services.AddSingleton<DatabaseIdentity>();
        builder.Services.AddHostedService<DatabaseStartup>();
    }

    /// <summary>
    /// Begins to build EF Core's model beside whatever else is made ready, and returns at once. With all of its code still to be compiled that
    /// is a fifth of what the processor has to do for a start, and the migration and everything after it wait for it.
    /// </summary>
    public static void BeginStorage(this IHost host)
    {
        var databases = host.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>();
        _ = Task.Run(() =>
        {
            using var context = databases.CreateDbContext();
            return context.Model;
        });
    }

    /// <summary>True if the database is PostgreSQL, false if it is embedded.</summary>
    public static bool UsesPostgres(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration[PostgresKey]);

    /// <summary>What <c>--migrate</c> does: brings the database to the newest migration, without starting anything.</summary>
    /// <exception cref="DatabaseRefusedException">The database cannot be used, or a newer program has migrated it.</exception>
    public static async Task MigrateStorageAsync(this IHost host, CancellationToken cancellationToken)
    {
        var migrator = host.Services.GetRequiredService<DatabaseMigrator>();
        await migrator.MigrateAsync(cancellationToken);
        if (migrator.Newer.Count > 0)
        {
            throw new DatabaseRefusedException(
                $"The database has migrations that this version does not know, up to {migrator.Newer.Max(StringComparer.Ordinal)}: a newer version made them. Migrate with that version or a later one.");
        }
    }

    private static void AddPostgres(IServiceCollection services, string connectionString)
    {
        services.AddSingleton(provider => new NpgsqlDataSourceBuilder(new PostgresConnections(connectionString, provider.GetRequiredService<ILogger<PostgresConnections>>()).Complete())
            .UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>())
            .Build());
        services.AddPooledDbContextFactory<PostgresDbContext>((provider, options) => options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<IDbContextFactory<GatewayDbContext>, GatewayDbContextFactory<PostgresDbContext>>();
        services.AddSingleton<UsagePartitions>();
        services.AddSingleton<DatabaseMigrator, PostgresMigrator>();
        services.AddHostedService(provider => provider.GetRequiredService<UsagePartitions>());
    }

    private static void AddSqlite(IServiceCollection services)
    {
        services.AddSingleton<SqliteDatabase>(provider => new SqliteDatabase(provider.GetRequiredService<DataFolder>()));
        services.AddPooledDbContextFactory<SqliteDbContext>((provider, options) => options
            .UseSqlite(provider.GetRequiredService<SqliteDatabase>().ConnectionString)
            .AddInterceptors(new SqlitePragmaInterceptor()));
        services.AddSingleton<IDbContextFactory<GatewayDbContext>, GatewayDbContextFactory<SqliteDbContext>>();
        services.AddSingleton<DatabaseMigrator, SqliteMigrator>();
    }

    /// <summary>Adds our defaults for what the operator did not say.</summary>
    private static string Complete(string connectionString, string? password)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            if (string.IsNullOrEmpty(settings.Host))
            {
                throw new DatabaseRefusedException($"{PostgresKey} names no Host.");
            }

            if (!string.IsNullOrEmpty(password))
            {
                settings.Password = password;
            }

            settings.ApplicationName ??= "mixgateway";
            return settings.ToString();
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            // What the parser complains about may be a piece of the password.
            throw new DatabaseRefusedException($"{PostgresKey} is not a connection string of the form Host=…;Port=…;Database=…;Username=…;Password=….");
        }
    }
}
