using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>Three replicas as processes, with a Redis and a PostgreSQL of their own, and a provider.</summary>
internal sealed class FaultStage : IAsyncDisposable
{
    private const string AdminToken = "fault-admin-token-0123456789";
    private const int Replicas = 3;

    /// <summary>A load balancer in front of a provider winds connections down from time to time.</summary>
    private const int RequestsPerConnection = 50;

    /// <summary>As short as it may be, so that a round is.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private readonly TcpForwarder _hotStore;
    private readonly string _trusted;

    private FaultStage(RedisServer redis, TcpForwarder hotStore, PostgresServer postgres, SimulatorServer upstream, FaultGateway[] gateways, string trusted)
    {
        _trusted = trusted;
        Redis = redis;
        _hotStore = hotStore;
        Postgres = postgres;
        Upstream = upstream;
        Gateways = gateways;
    }

    /// <summary>The ways to the provider: HTTP/1.1 in clear text, HTTP/1.1 and HTTP/2 over TLS.</summary>
    public static IReadOnlyList<string> Providers { get; } = ["sim", "tls", "h2"];

    public SimulatorServer Upstream { get; }

    public IReadOnlyList<FaultGateway> Gateways { get; }

    /// <summary>The one that the gateways work with now.</summary>
    public RedisServer Redis { get; private set; }

    /// <summary>How to connect to it, whichever it is.</summary>
    public string HotStore => AddressOf(_hotStore);

    public PostgresServer Postgres { get; }

    /// <summary>How to connect to the gateways' database.</summary>
    public string Database => Postgres.ConnectionString("gateway");

    public static async Task<FaultStage> StartAsync()
    {
        var redis = await RedisServer.StartAsync(RedisServer.Durable);
        var hotStore = new TcpForwarder(redis.Port);
        var postgres = await PostgresServer.StartNewAsync();
        await postgres.CreateDatabaseAsync("gateway");
        await PostgresDatabase.MigrateAsync(postgres.ConnectionString("gateway"));
        var certificate = TestCertificate.Create();
        var trusted = Path.GetTempFileName();
        await File.WriteAllTextAsync(trusted, certificate.ExportCertificatePem());
        var upstream = await SimulatorServer.StartAsync(
            new SimulatorOptions { RecordedRequests = 0, Certificate = certificate, RequestsPerConnection = RequestsPerConnection });
        string[] settings =
        [
            $"--ConnectionStrings:Postgres={postgres.ConnectionString("gateway")}",
            $"--ConnectionStrings:Redis={AddressOf(hotStore)}",
            $"--Bootstrap:AdminToken={AdminToken}",
            $"--Quotas:Lease={Lease}",
            "--Quotas:Heartbeat=00:00:01",
            "--Quotas:Sweep=00:00:01",
            "--Quotas:SettleTimeout=00:00:01",
            .. Provider("sim", upstream.BaseAddress),
            .. Provider("tls", upstream.TlsBaseAddress!, "Cluster:HttpRequest:Version=1.1"),
            .. Provider("h2", upstream.TlsBaseAddress!),
        ];
        var stage = new FaultStage(redis, hotStore, postgres, upstream, [.. Enumerable.Range(0, Replicas).Select(_ => new FaultGateway(settings, trusted))], trusted);
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

    /// <summary>A copy of Redis takes over without what happens meanwhile, and the first one is gone.</summary>
    public async Task FailOverAsync(Func<Task> meanwhile)
    {
        var copy = await RedisServer.StartAsync(RedisServer.Durable);
        await copy.FollowAsync(Redis);
        await Eventually.TrueAsync(async () => await copy.InfoAsync("master_link_status") == "up", "the copy has all that there is");

        // A paused copy would not do: what it was sent waits for it, and it would take that in before it takes over.
        await copy.PromoteAsync();
        await meanwhile();
        await Redis.KillAsync();
        _hotStore.SwitchTo(copy.Port);
        await Redis.DisposeAsync();
        Redis = copy;
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
        await Postgres.DisposeAsync();
        await _hotStore.DisposeAsync();
        await Redis.DisposeAsync();
        File.Delete(_trusted);
    }

    private static string[] Provider(string name, Uri address, params string[] settings) =>
    [
        $"--Providers:{name}:BaseUrl={address}",
        $"--Providers:{name}:Models:*:InputPrice=1",
        $"--Providers:{name}:Models:*:CachedInputPrice=0.1",
        $"--Providers:{name}:Models:*:OutputPrice=2",
        $"--Providers:{name}:OnDisconnect=Cancel",
        .. settings.Select(setting => $"--Providers:{name}:{setting}"),
    ];

    private static string AddressOf(TcpForwarder hotStore) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{hotStore.Port}");

    private static async Task<JsonElement> PostAsync(HttpClient admin, string path, object body)
    {
        using var response = await admin.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
