using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>A hot store for the tests of one class. Each kind runs the same tests.</summary>
public abstract class HotStoreServer : IAsyncLifetime
{
    internal static IOptions<QuotasOptions> Options { get; } = Microsoft.Extensions.Options.Options.Create(new QuotasOptions());

    internal HotStoreConnection Connection { get; private set; } = null!;

    public async Task InitializeAsync() => Connection = await ConnectAsync(await StartAsync());

    public async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        await StopAsync();
    }

    /// <summary>A client with a clock of its own, on an empty store.</summary>
    internal async Task<HotStoreClient> EmptyAsync()
    {
        await Connection.Database.ExecuteAsync("FLUSHALL");
        return new HotStoreClient(Connection, Options);
    }

    /// <param name="timeout">Of a command; long unless the test is about it, for the machine may be busy.</param>
    internal static async Task<HotStoreConnection> ConnectAsync(string connectionString, IOptions<QuotasOptions>? options = null, TimeSpan? timeout = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:Redis", connectionString)])
            .Build();
        var connection = new HotStoreConnection(configuration, options ?? Options) { CommandTimeout = timeout ?? TimeSpan.FromSeconds(30) };
        await connection.StartAsync();
        return connection;
    }

    /// <summary>Starts the server and says how to connect to it; empty for the embedded one.</summary>
    protected abstract Task<string> StartAsync();

    protected abstract Task StopAsync();
}

public sealed class RedisHotStore : HotStoreServer
{
    private RedisServer _server = null!;

    protected override async Task<string> StartAsync()
    {
        _server = await RedisServer.StartAsync();
        return _server.ConnectionString;
    }

    protected override async Task StopAsync() => await _server.DisposeAsync();
}

public sealed class GarnetHotStore : HotStoreServer
{
    protected override Task<string> StartAsync() => Task.FromResult("");

    protected override Task StopAsync() => Task.CompletedTask;
}

/// <summary>Everything that works on the store, sharing one clock that the test can move.</summary>
internal sealed class HotStoreClient
{
    public HotStoreClient(HotStoreConnection connection, IOptions<QuotasOptions> options)
    {
        Runner = new ScriptRunner(() => connection.Database, NullLogger<ScriptRunner>.Instance);
        Calls = new CallStore(Runner, options);
        Accounts = new AccountStore(Runner, options);
        Shards = new ShardStore(Runner, () => connection.Database, options);
    }

    public ScriptRunner Runner { get; }

    public CallStore Calls { get; }

    public AccountStore Accounts { get; }

    public ShardStore Shards { get; }

    public void Pass(TimeSpan time) => Runner.ClockShift += time;
}
