using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>Three replicas as processes, with a Redis and a PostgreSQL of their own, and what can happen to them.</summary>
internal sealed class FaultStage : IAsyncDisposable
{
    private const string AdminToken = "fault-admin-token-0123456789";
    private const int Replicas = 3;

    /// <summary>As short as it may be, so that a round is.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private readonly RedisServer _redis;
    private readonly PostgresServer _postgres;

    private FaultStage(RedisServer redis, PostgresServer postgres, SimulatorServer upstream, FaultGateway[] gateways)
    {
        _redis = redis;
        _postgres = postgres;
        Upstream = upstream;
        Gateways = gateways;
    }

    public SimulatorServer Upstream { get; }

    public IReadOnlyList<FaultGateway> Gateways { get; }

    public string Postgres => _postgres.ConnectionString("gateway");

    public string Redis => _redis.ConnectionString;

    public static async Task<FaultStage> StartAsync()
    {
        var redis = await RedisServer.StartAsync(RedisServer.Durable);
        var postgres = await PostgresServer.StartNewAsync();
        await postgres.CreateDatabaseAsync("gateway");
        await PostgresDatabase.MigrateAsync(postgres.ConnectionString("gateway"));
        var upstream = await SimulatorServer.StartAsync(new SimulatorOptions { RecordedRequests = 0 });
        string[] settings =
        [
            $"--ConnectionStrings:Postgres={postgres.ConnectionString("gateway")}",
            $"--ConnectionStrings:Redis={redis.ConnectionString}",
            $"--Bootstrap:AdminToken={AdminToken}",
            $"--Quotas:Lease={Lease}",
            "--Quotas:Heartbeat=00:00:01",
            "--Quotas:Sweep=00:00:01",
            "--Quotas:SettleTimeout=00:00:01",
            $"--Providers:sim:BaseUrl={upstream.BaseAddress}",
            "--Providers:sim:Models:*:InputPrice=1",
            "--Providers:sim:Models:*:CachedInputPrice=0.1",
            "--Providers:sim:Models:*:OutputPrice=2",
        ];
        var stage = new FaultStage(redis, postgres, upstream, [.. Enumerable.Range(0, Replicas).Select(_ => new FaultGateway(settings))]);
        await Task.WhenAll(stage.Gateways.Select(static gateway => gateway.StartAsync()));
        return stage;
    }

    public HttpClient Admin(int replica) => GatewayProcess.Client(Gateways[replica].Address, AdminToken);

    public async Task<IReadOnlyList<CrashAccount>> CreateAccountsAsync(int count, string credit)
    {
        using var admin = Admin(0);
        List<CrashAccount> accounts = [];
        for (var i = 0; i < count; i++)
        {
            var id = (await PostAsync(admin, "/api/v1/accounts", new { name = $"Fault {i}" })).GetProperty("id").GetGuid();
            await PostAsync(admin, $"/api/v1/accounts/{id}/credits", new { amount = credit, note = "fault test", idempotencyKey = "first" });
            accounts.Add(new CrashAccount(id, (await PostAsync(admin, $"/api/v1/accounts/{id}/keys", new { name = "fault" })).GetProperty("key").GetString()!));
        }

        return accounts;
    }

    /// <summary>Lets a fault happen, and gives back what was taken away. Whatever else is to be put right, the gateways have to do.</summary>
    public async Task SufferAsync(Fault fault, Random random)
    {
        var gateway = Gateways[random.Next(Replicas)];
        switch (fault)
        {
            case Fault.GatewayKilled:
                await gateway.KillAsync();
                await gateway.StartAsync();
                break;
            case Fault.EveryGatewayKilled:
                await Task.WhenAll(Gateways.Select(static each => each.KillAsync()));
                await Task.WhenAll(Gateways.Select(static each => each.StartAsync()));
                break;
            case Fault.GatewayPaused:
                await gateway.PauseAsync();
                await Task.Delay(Lease + Random(random, 2, 4));
                await gateway.ResumeAsync();
                break;
            case Fault.RedisKilled:
                await _redis.KillAsync();
                await Task.Delay(Random(random, 0, 2));
                await _redis.StartAsync();
                break;
            case Fault.RedisPaused:
                await _redis.PauseAsync();
                await Task.Delay(Random(random, 1.5, 4));
                await _redis.ResumeAsync();
                break;
            case Fault.RedisFlushed:
                await _redis.FlushAsync();
                break;
            case Fault.RedisTailCut:
                await _redis.KillAsync();
                _redis.CutAppendOnlyFile(random.Next(1, 4000));
                await _redis.StartAsync();
                break;
            case Fault.DatabaseStopped:
                await _postgres.StopAsync();
                await Task.Delay(TimeSpan.FromSeconds(12));
                await _postgres.StartAsync();
                break;
            case Fault.GatewayKilledWithoutDatabase:
                await _postgres.StopAsync();
                await Task.Delay(Random(random, 0.5, 2));
                await gateway.KillAsync();
                await Task.Delay(Random(random, 0, 3));
                await _postgres.StartAsync();
                await gateway.StartAsync();
                break;
            case Fault.RedisKilledWithoutDatabase:
                await _postgres.StopAsync();
                await Task.Delay(Random(random, 0.5, 2));
                await _redis.KillAsync();
                await Task.Delay(Random(random, 0, 2));
                await _redis.StartAsync();
                await Task.Delay(Random(random, 0, 2));
                await _postgres.StartAsync();
                break;
        }
    }

    /// <summary>The gateway's own comparison of its stores finds the same as ours.</summary>
    public async Task ShouldReconcileAsync(int replica, int accounts)
    {
        using var admin = Admin(replica);
        var report = await Eventually.GetAsync(
            async () =>
            {
                // 503 while this replica has not seen a store come back.
                using var response = await admin.PostAsync(new Uri("/api/v1/reconciliation", UriKind.Relative), null);
                return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
            },
            "a reconciliation");
        var read = JsonSerializer.Deserialize<JsonElement>(report);
        read.GetProperty("accountsChecked").GetInt32().Should().Be(accounts);
        read.GetProperty("drifts").EnumerateArray().Should().BeEmpty("the stores agree: {0}", report);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in Gateways)
        {
            await gateway.DisposeAsync();
        }

        await Upstream.DisposeAsync();
        await _postgres.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private static TimeSpan Random(Random random, double from, double to) => TimeSpan.FromSeconds(from + (random.NextDouble() * (to - from)));

    private static async Task<JsonElement> PostAsync(HttpClient admin, string path, object body)
    {
        using var response = await admin.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
