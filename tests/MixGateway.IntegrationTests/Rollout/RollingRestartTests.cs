using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Crash;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;
using Xunit.Abstractions;

namespace MixGateway.IntegrationTests.Rollout;

/// <summary>An upgrade as an operator does it: three replicas on one PostgreSQL and one Redis, restarted in turn while callers stream.</summary>
public sealed class RollingRestartTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string AdminToken = "rollout-admin-token-0123456789";
    private const int Replicas = 3;
    private const int LongCallers = 8;

    /// <summary>How many callers stream at once, for a machine that has nothing else to do.</summary>
    private const string CallersVariable = "MIXGATEWAY_ROLLOUT_CALLERS";

    private static readonly int Callers =
        int.TryParse(Environment.GetEnvironmentVariable(CallersVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 60;

    private SimulatorServer? _upstream;
    private StoreSet? _stores;

    public async Task InitializeAsync()
    {
        _upstream = await SimulatorServer.StartAsync();
        _stores = await StoreSet.StartAsync(GatewayStores.Servers);
    }

    public async Task DisposeAsync()
    {
        await _stores!.DisposeAsync();
        await _upstream!.DisposeAsync();
    }

    [Fact]
    public async Task Restart_OfEveryReplicaInTurn_FailsNoCallAndLosesNoRecord()
    {
        await using var balancer = new TcpBalancer();
        var replicas = await Task.WhenAll(Enumerable.Range(0, Replicas).Select(_ => JoinAsync(balancer)));
        var accounts = await CreateAccountsAsync(replicas[0].Address);
        var callers = new StreamingCallers(balancer.Address, accounts);
        var calling = callers.RunAsync(Callers, LongCallers, new Random(20261122));
        for (var i = 0; i < Replicas; i++)
        {
            var before = callers.Ended.Count;
            await Eventually.TrueAsync(() => Task.FromResult(callers.Ended.Count > before + (Callers / 2)), "calls on every replica");
            replicas[i] = await RestartAsync(balancer, replicas[i]);
        }

        callers.Stop();
        await calling;

        output.WriteLine($"{callers.Ended.Count} answers ended");
        callers.Failures.Should().BeEmpty();
        balancer.Unserved.Should().Be(0);
        await ShouldBeOnTheBooksAsync(replicas[0].Address, accounts, callers.Ended);
        foreach (var (gateway, _) in replicas)
        {
            await gateway.DisposeAsync();
        }
    }

    private async Task<(GatewayProcess Gateway, Uri Address)> JoinAsync(TcpBalancer balancer)
    {
        var gateway = GatewayProcess.Start(
            "Production",
            [
                $"--Bootstrap:AdminToken={AdminToken}",
                $"--Providers:sim:BaseUrl={_upstream!.BaseAddress}",
                "--Providers:sim:Models:*:InputPrice=1",
                "--Providers:sim:Models:*:OutputPrice=2",
                "--Providers:sim:OnDisconnect=Cancel",
                "--ShutdownDelay=00:00:04",
                .. _stores!.Settings.Select(static setting => "--" + setting),
            ]);
        var address = await gateway.AddressAsync();
        await balancer.AddAsync(address);
        return (gateway, address);
    }

    private async Task<(GatewayProcess Gateway, Uri Address)> RestartAsync(TcpBalancer balancer, (GatewayProcess Gateway, Uri Address) old)
    {
        await old.Gateway.TerminateAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!balancer.IsReady(old.Address)), "the gateway says that it is not ready");
        old.Gateway.HasExited.Should().BeFalse("it still takes calls");
        (await old.Gateway.ExitCodeAsync()).Should().Be(0, old.Gateway.Output);
        balancer.Remove(old.Address);
        await old.Gateway.DisposeAsync();
        return await JoinAsync(balancer);
    }

    private static async Task ShouldBeOnTheBooksAsync(Uri address, IReadOnlyList<RolloutAccount> accounts, IReadOnlyCollection<(Guid Account, string RequestId)> ended)
    {
        using var admin = GatewayProcess.Client(address, AdminToken);
        foreach (var account in accounts)
        {
            var expected = ended.Where(answer => answer.Account == account.Id).Select(static answer => answer.RequestId).ToHashSet();
            var books = await Eventually.GetAsync(
                async () => await BooksOfAccount.ReadAsync(admin, account.Id) is { } read && read.Records.Count >= expected.Count ? read : null, "all records");
            books.Records.Select(BooksOfAccount.IdOf).Should().BeEquivalentTo(expected);
            books.Records.Should().OnlyContain(static record => record.GetProperty("status").GetString() == "completed" && record.GetProperty("usageSource").GetString() == "reported");
            books.ShouldAddUp();
            var state = await admin.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/accounts/{account.Id}", UriKind.Relative));
            BooksOfAccount.Amount(state, "held").Should().Be(0);
        }
    }

    private static async Task<IReadOnlyList<RolloutAccount>> CreateAccountsAsync(Uri address)
    {
        using var admin = GatewayProcess.Client(address, AdminToken);
        List<RolloutAccount> accounts = [];
        for (var i = 0; i < 4; i++)
        {
            var id = (await PostAsync(admin, "/api/v1/accounts", new { name = $"Rollout {i}" })).GetProperty("id").GetGuid();
            await PostAsync(admin, $"/api/v1/accounts/{id}/credits", new { amount = "1000", note = "rollout", idempotencyKey = "first" });
            accounts.Add(new RolloutAccount(id, (await PostAsync(admin, $"/api/v1/accounts/{id}/keys", new { name = "rollout" })).GetProperty("key").GetString()!));
        }

        return accounts;
    }

    private static async Task<JsonElement> PostAsync(HttpClient admin, string path, object body)
    {
        using var response = await admin.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
