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
        await using var storage = new PostgresStorage(connectionString);
        await storage.MigrateAsync();
    }

    private static async Task<PostgresServer> PrepareAsync()
    {
        var server = await PostgresServer.SharedAsync();
        await server.CreateDatabaseAsync(Template);
        await MigrateAsync(server.ConnectionString(Template));
        return server;
    }
}
