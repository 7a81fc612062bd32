using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>What the stores have is compared while traffic runs: no false alarm, and nothing that differs goes unnoticed.</summary>
public sealed class ReconciliationTests(DriftGateways shared) : IClassFixture<DriftGateways>
{
    [Theory]
    [InlineData(GatewayStores.Embedded, 1)]
    [InlineData(GatewayStores.Servers, 2)]
    public async Task Run_UnderRacingTraffic_FindsNothing(GatewayStores stores, int replicas)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var one = await TestGateway.StartAsync(set.Settings);
        await using var two = replicas == 2 ? await TestGateway.StartAsync(set.Settings) : null;
        List<TestAccount> accounts = [];
        for (var i = 0; i < 4; i++)
        {
            accounts.Add(await one.CreateAccountAsync("0.01"));
        }

        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 12).Select(i => CallAsync(accounts[i % 4], i % replicas == 0 ? one : two!, i, stop.Token)).ToList();
        callers.Add(CreditAsync(one, accounts[0], stop.Token));
        for (var run = 0; run < 12; run++)
        {
            var report = await RunAsync(run % replicas == 0 ? one : two!);
            report.GetProperty("drifts").EnumerateArray().Should().BeEmpty();
            report.GetProperty("accountsChecked").GetInt32().Should().Be(4);
        }

        await stop.CancelAsync();
        (await Task.WhenAll(callers)).Sum().Should().BeGreaterThan(24, "a test without traffic shows nothing");
        (await KindsAsync(one)).Should().BeEmpty();
        foreach (var account in accounts)
        {
            await account.ShouldAddUpAsync();
        }
    }

    [Theory]
    [InlineData(GatewayStores.Embedded, "balance")]
    [InlineData(GatewayStores.Embedded, "usageDaily")]
    [InlineData(GatewayStores.Embedded, "spend")]
    [InlineData(GatewayStores.Embedded, "version")]
    [InlineData(GatewayStores.Embedded, "base")]
    [InlineData(GatewayStores.Embedded, "pending")]
    [InlineData(GatewayStores.Embedded, "held")]
    [InlineData(GatewayStores.Embedded, "running")]
    [InlineData(GatewayStores.Servers, "balance")]
    [InlineData(GatewayStores.Servers, "usageDaily")]
    [InlineData(GatewayStores.Servers, "spend")]
    [InlineData(GatewayStores.Servers, "version")]
    [InlineData(GatewayStores.Servers, "base")]
    [InlineData(GatewayStores.Servers, "pending")]
    [InlineData(GatewayStores.Servers, "held")]
    [InlineData(GatewayStores.Servers, "running")]
    public async Task Run_PlantedDrift_IsFoundAndRepairedOnRequestOnly(GatewayStores stores, string kind)
    {
        var gateway = shared.On(stores);
        var account = await gateway.CreateAccountAsync();
        using (var response = await account.ChatAsync("sim"))
        {
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await account.OnlyCallAsync();
        await Eventually.TrueAsync(async () => (await gateway.InspectAsync(account)) is { Held.Nanos: 0, Pending.Nanos: 0 }, "the call is acknowledged");
        (await KindsAsync(gateway)).Should().BeEmpty();
        await PlantAsync(gateway, account, kind);

        (await KindsAsync(gateway)).Should().Contain(kind);
        (await AuditAsync(gateway, account)).Should().BeEmpty("a run without repair changes nothing");
        var report = await RunAsync(gateway, "?repair=true");

        var drift = report.GetProperty("drifts").EnumerateArray().Single(found => found.GetProperty("kind").GetString() == kind);
        drift.GetProperty("accountId").GetGuid().Should().Be(account.Id);
        drift.GetProperty("repaired").GetBoolean().Should().BeTrue();
        drift.GetProperty("expected").GetString().Should().NotBe(drift.GetProperty("actual").GetString());
        (await KindsAsync(gateway)).Should().BeEmpty();
        (await AuditAsync(gateway, account)).Should().Contain(entry => entry.Contains($"\"{kind}\""));
        await account.ShouldAddUpAsync();
        (await gateway.InspectAsync(account)).Available.Should().Be(
            new Billing.Money(CallRecords.Nanos((await account.ReadAsync()).GetProperty("balance").GetString()!)));
        using var next = await account.ChatAsync("sim");
        next.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Run_HotStoreDown_IsAnErrorAndNotNoDrift()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        await gateway.CreateAccountAsync();
        await set.Redis!.KillAsync();
        (await StatusAsync(gateway, "")).Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Run_DatabaseDown_IsAnErrorAndNotNoDrift()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await server.CreateDatabaseAsync("gateway");
        await using var gateway = await TestGateway.StartAsync($"ConnectionStrings:Postgres={server.ConnectionString("gateway")};Timeout=2;Command Timeout=2");
        await gateway.CreateAccountAsync();
        await server.StopAsync();
        (await StatusAsync(gateway, "")).Should().Be(HttpStatusCode.ServiceUnavailable);
        await server.StartAsync();
    }

    [Theory]
    [InlineData("?repair=yes")]
    [InlineData("?repair=")]
    public async Task Run_BadQuery_Is400(string query)
    {
        await using var gateway = await TestGateway.StartAsync();
        (await StatusAsync(gateway, query)).Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Schedule_DriftWhileNobodyAsks_ShowsInTheMetricAndIsNotRepaired()
    {
        await using var gateway = await TestGateway.StartAsync("Billing:Reconciliation:Interval=00:00:01");
        var account = await gateway.CreateAccountAsync();
        await PlantAsync(gateway, account, "held");
        using var listener = new DriftListener(gateway.Services.GetRequiredService<IMeterFactory>());

        await Eventually.TrueAsync(() => Task.FromResult(listener.Read("held") == 1), "the metric shows the drift");

        listener.Read("pending").Should().Be(0);
        (await KindsAsync(gateway)).Should().Equal("held");
    }

    private static async Task PlantAsync(TestGateway gateway, TestAccount account, string kind)
    {
        var hot = gateway.Services.GetRequiredService<HotStoreConnection>().Database;
        var key = AccountShard.KeysOf(account.Id)[0];
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        switch (kind)
        {
            case "balance":
                await database.Accounts.Where(row => row.Id == account.Id).ExecuteUpdateAsync(row => row.SetProperty(one => one.Balance, one => one.Balance + 5));
                break;
            case "usageDaily":
                await database.UsageDaily.Where(row => row.AccountId == account.Id).ExecuteUpdateAsync(row => row.SetProperty(one => one.Charged, one => one.Charged + 5));
                break;
            case "spend":
                await database.UsageSpend.Where(row => row.AccountId == account.Id).ExecuteUpdateAsync(row => row.SetProperty(one => one.Charged, one => one.Charged + 5));
                break;
            case "version":
                await hot.HashSetAsync(key, [new("ver", 1000), new("base", 17)]);
                break;
            case "base":
                await hot.HashSetAsync(key, "base", 17);
                break;
            case "pending":
                await hot.HashSetAsync(key, "pend", 5);
                break;
            case "held":
                await hot.HashSetAsync(key, "held", 5);
                break;
            default:
                var usage = ((string)(await hot.HashGetAsync(key, "u"))!).Split('|');
                usage[3] = "9";
                await hot.HashSetAsync(key, "u", string.Join('|', usage));
                break;
        }
    }

    private static async Task<int> CallAsync(TestAccount account, TestGateway gateway, int index, CancellationToken stop)
    {
        using var client = gateway.NewClient(account.Key);
        var ended = 0;
        for (; !stop.IsCancellationRequested; ended++)
        {
            using var content = new StringContent(Calls.ChatBody("sim+chunks=3+delay=3", stream: index % 2 == 0), null, "application/json");
            using var response = await client.PostAsync(new Uri(Calls.ChatPath, UriKind.Relative), content, CancellationToken.None);
        }

        return ended;
    }

    private static async Task<int> CreditAsync(TestGateway gateway, TestAccount account, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await gateway.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "0.001" });
        }

        return 0;
    }

    private static Task<JsonElement> RunAsync(TestGateway gateway, string query = "") => gateway.PostAsync("/api/v1/reconciliation" + query, new { });

    private static async Task<IEnumerable<string?>> KindsAsync(TestGateway gateway) =>
        (await RunAsync(gateway)).GetProperty("drifts").EnumerateArray().Select(drift => drift.GetProperty("kind").GetString());

    private static async Task<HttpStatusCode> StatusAsync(TestGateway gateway, string query)
    {
        using var response = await gateway.Admin.PostAsync(new Uri("/api/v1/reconciliation" + query, UriKind.Relative), null);
        return response.StatusCode;
    }

    private static async Task<List<string>> AuditAsync(TestGateway gateway, TestAccount account)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        var target = account.Id.ToString();
        return await database.AuditEntries.Where(entry => entry.Target == target && entry.Action == "account.repair").Select(entry => entry.Before!).ToListAsync();
    }

    /// <summary>Reads the drifts that one gateway of this process reports.</summary>
    private sealed class DriftListener : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, int> _drifts = [];

        public DriftListener(IMeterFactory factory)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "mixgateway.reconciliation.drifts" && instrument.Meter.Name == "MixGateway" && instrument.Meter.Scope == factory)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<int>((_, value, tags, _) => _drifts[(string)tags[0].Value!] = value);
            _listener.Start();
        }

        public int? Read(string kind)
        {
            _listener.RecordObservableInstruments();
            return _drifts.TryGetValue(kind, out var drifts) ? drifts : null;
        }

        public void Dispose() => _listener.Dispose();
    }
}
