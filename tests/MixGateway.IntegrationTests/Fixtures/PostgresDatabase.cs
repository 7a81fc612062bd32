using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Storage;
using Npgsql;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>Databases of the shared server, each with all migrations applied.</summary>
public static class PostgresDatabase
{
    private const string Template = "mixgateway_template";

    private static readonly Lazy<Task<PostgresServer>> Prepared = new(PrepareAsync);

    /// <summary>Creates a database for one test and gives its connection string.</summary>
    public static async Task<string> CreateAsync()
    {
        var server = await Prepared.Value;
        var name = $"t_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name, Template);
        return server.ConnectionString(name);
    }

    /// <summary>Applies all migrations to a database, as the gateway does at start.</summary>
    public static async Task MigrateAsync(string connectionString)
    {
        await using var app = Storage(connectionString);
        await app.MigrateStorageAsync(CancellationToken.None);
    }

    /// <summary>The gateway's storage on a database, and nothing else of the gateway.</summary>
    internal static WebApplication Storage(string connectionString)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration["ConnectionStrings:Postgres"] = connectionString;
        builder.Services.AddLogging();
        builder.AddStorage();
        return builder.Build();
    }

    private static async Task<PostgresServer> PrepareAsync()
    {
        var server = await PostgresServer.SharedAsync();
        await server.CreateDatabaseAsync(Template);
        var connectionString = server.ConnectionString(Template);
        await MigrateAsync(connectionString);

        // A template must have no connections, and EF Core's pooled ones outlive the application.
        NpgsqlConnection.ClearAllPools();
        return server;
    }
}
