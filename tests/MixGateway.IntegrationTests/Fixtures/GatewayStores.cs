namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>Which stores a gateway under test has.</summary>
public enum GatewayStores
{
    /// <summary>SQLite and the hot store of the process.</summary>
    Embedded,

    /// <summary>PostgreSQL and Redis.</summary>
    Servers,
}

/// <summary>The stores of one test, shared by every gateway that the test starts on them.</summary>
internal sealed class StoreSet : IAsyncDisposable
{
    private StoreSet(RedisServer? redis, string? postgres, string[] settings)
    {
        Redis = redis;
        Postgres = postgres;
        Settings = settings;
    }

    /// <summary>Null with embedded stores.</summary>
    public RedisServer? Redis { get; }

    /// <summary>The database's connection string; null with embedded stores.</summary>
    public string? Postgres { get; }

    /// <summary>For <see cref="TestGateway"/>.</summary>
    public string[] Settings { get; }

    public static async Task<StoreSet> StartAsync(GatewayStores stores)
    {
        if (stores is GatewayStores.Embedded)
        {
            return new StoreSet(null, null, []);
        }

        var redis = await RedisServer.StartAsync(RedisServer.Durable);
        var postgres = await PostgresDatabase.CreateAsync();
        return new StoreSet(redis, postgres, [$"ConnectionStrings:Postgres={postgres}", $"ConnectionStrings:Redis={redis.ConnectionString}"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }
    }
}
