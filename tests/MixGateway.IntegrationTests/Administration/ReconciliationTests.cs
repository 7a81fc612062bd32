using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Tests.Usage;
using MixGateway.Usage;

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

    /// <summary>As operators make room by hand, and then do what the alert says.</summary>
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Repair_WhereHistoryIsGone_ChangesNothing(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var (account, months) = await SeedHistoryAsync(set, gateway);
        var before = await StateAsync(gateway, account);
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();

        await (set.Postgres is null
            ? database.UsageRecords.Where(record => record.StartedAt < months[1]).ExecuteDeleteAsync()
            : ExecuteAsync(database, $"ALTER TABLE usage_records DETACH PARTITION {PartitionOf(months[0])}"));
        await ShouldStayAsync("a month that is gone is not compared");
        if (set.Postgres is not null)
        {
            await ExecuteAsync(database, $"ALTER TABLE usage_records ATTACH PARTITION {PartitionOf(months[0])} {BoundsOf(months[0])}");
            await ShouldStayAsync("a month that is back is right");
        }

        await database.UsageRecords.Where(record => record.StartedAt >= months[1] && record.Cost == 1_000_001).ExecuteDeleteAsync();
        await ShouldStayAsync("a day that lacks a record is told, and not recomputed from the other", "usageDaily");

        await database.LedgerEntries.Where(entry => entry.AccountId == account.Id && entry.Amount == -1_000_000).ExecuteDeleteAsync();
        await ShouldStayAsync("a ledger that is not whole does not say what the balance is", "usageDaily", "balance");

        await database.LedgerEntries.Where(entry => entry.AccountId == account.Id && entry.Kind == LedgerKind.Credit).ExecuteDeleteAsync();
        await ShouldStayAsync("a ledger without its beginning says even less", "usageDaily", "balance");

        async Task ShouldStayAsync(string because, params string[] kinds)
        {
            var report = await RunAsync(gateway, "?repair=true");
            var drifts = report.GetProperty("drifts").EnumerateArray().ToList();
            drifts.Select(static drift => drift.GetProperty("kind").GetString()).Should().BeEquivalentTo(kinds, because);
            drifts.Where(static drift => drift.GetProperty("repaired").GetBoolean()).Should().BeEmpty(because);
            (await StateAsync(gateway, account)).Should().BeEquivalentTo(before, because);
            (await AuditAsync(gateway, account)).Should().BeEmpty(because);
        }
    }

    [Fact]
    public async Task Repair_DaysDeletedByHand_NeverLowersWhatSpendLimitsCount()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (account, _) = await SeedHistoryAsync(await StoreSet.StartAsync(GatewayStores.Embedded), gateway);
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        var total = database.UsageSpend.Where(sum => sum.AccountId == account.Id && sum.KeyId == UsageSpendRow.OfAccount && sum.Period == UsageSpendRow.Total);
        var before = await total.SumAsync(sum => sum.Charged);
        await database.UsageRecords.Where(record => record.Cost == 1_000_000).ExecuteDeleteAsync();
        await database.UsageDaily.Where(day => day.AccountId == account.Id && day.Charged == 2_000_000).ExecuteDeleteAsync();
        await total.ExecuteUpdateAsync(sum => sum.SetProperty(row => row.Charged, before));

        var report = await RunAsync(gateway, "?repair=true");

        report.GetProperty("drifts").EnumerateArray().Select(static drift => (drift.GetProperty("kind").GetString(), drift.GetProperty("repaired").GetBoolean()))
            .Should().BeEquivalentTo([("usageDaily", false), ("spend", false)]);
        (await total.SumAsync(sum => sum.Charged)).Should().Be(before);
    }

    [Fact]
    public async Task Retention_AtTheStart_ClearsOldMonthsAndTheBooksStillAddUp()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var (account, months) = await SeedHistoryAsync(set, gateway);
        var before = await StateAsync(gateway, account);

        await using var next = await TestGateway.StartAsync([.. set.Settings, "Usage:Retention=1.00:00:00", "Audit:Retention=400.00:00:00"]);
        var there = account with { Gateway = next };

        var ledger = await Eventually.GetAsync(
            async () => (await there.LedgerAsync()) is var entries && entries.Any(static entry => entry.GetProperty("kind").GetString() == "carried") ? entries : null, "charges are carried forward");
        ledger.Select(static entry => entry.GetProperty("kind").GetString()).Should().Equal("usage", "credit", "carried", "credit");
        (await KindsAsync(next)).Should().BeEmpty();
        (await StateAsync(next, there)).Should().BeEquivalentTo(before);
        (await there.UsageAsync()).Should().ContainSingle("the months before last month are gone");
        await there.ShouldAddUpAsync();
        using var cut = await next.Admin.GetAsync(new Uri($"/api/v1/usage/summary?groupBy=day&from={months[0].AddDays(9).AddHours(13):yyyy-MM-ddTHH:mm:ssZ}", UriKind.Relative));
        cut.StatusCode.Should().Be(HttpStatusCode.BadRequest, "part of a day cannot be summed any more");
        (await cut.Content.ReadAsStringAsync()).Should().Contain("daily totals");
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

    /// <summary>Two calls on a day of each of two past months, and one of today; the months begin long enough ago for any retention.</summary>
    private static async Task<(TestAccount Account, DateTime[] Months)> SeedHistoryAsync(StoreSet set, TestGateway gateway)
    {
        var account = await gateway.CreateAccountAsync();
        var now = DateTime.UtcNow;
        var current = new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        DateTime[] months = [current.AddMonths(-3), current.AddMonths(-2)];
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        foreach (var (month, cost) in months.Zip<DateTime, long[]>([[1_000_000, 1_000_000], [1_000_001, 1_000_002]]))
        {
            if (set.Postgres is not null)
            {
                await ExecuteAsync(database, $"CREATE TABLE {PartitionOf(month)} PARTITION OF usage_records {BoundsOf(month)}");
            }

            foreach (var one in cost)
            {
                var record = BooksBench.Record(account.Id, one, month.AddDays(9).AddHours(12), account.KeyId);
                (await gateway.Services.GetRequiredService<IBooks>().BookAsync(record)).Should().Be(BookingResult.Booked);
                await database.LedgerEntries.Where(entry => entry.RequestId == record.RequestId).ExecuteUpdateAsync(entry => entry.SetProperty(row => row.CreatedAt, record.StartedAt));
            }
        }

        await database.LedgerEntries.Where(entry => entry.AccountId == account.Id && entry.Kind == LedgerKind.Credit)
            .ExecuteUpdateAsync(entry => entry.SetProperty(row => row.CreatedAt, months[0]));

        // A change tells the hot store of the balance that the old calls left.
        await gateway.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "1" });
        using var response = await account.ChatAsync("sim");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        await account.UsageAsync(5);
        return (account, months);
    }

    private static Task<int> ExecuteAsync(GatewayDbContext database, string sql) => database.Database.ExecuteSqlRawAsync(sql);

    private static string PartitionOf(DateTime month) => $"usage_records_y{month:yyyy}m{month:MM}";

    private static string BoundsOf(DateTime month) => $"FOR VALUES FROM ('{month:yyyy-MM-dd} 00:00:00+00') TO ('{month.AddMonths(1):yyyy-MM-dd} 00:00:00+00')";

    /// <summary>What no repair may change where it has nothing to go by.</summary>
    private static async Task<object> StateAsync(TestGateway gateway, TestAccount account)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        return new
        {
            Balance = await database.Accounts.Where(row => row.Id == account.Id).Select(row => row.Balance).SingleAsync(),
            Days = await database.UsageDaily.AsNoTracking().Where(row => row.AccountId == account.Id).OrderBy(row => row.Day).ToListAsync(),
            Spend = await database.UsageSpend.AsNoTracking().Where(row => row.AccountId == account.Id).OrderBy(row => row.KeyId).ThenBy(row => row.Period).ToListAsync(),
        };
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
