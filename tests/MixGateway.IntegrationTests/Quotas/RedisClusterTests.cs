using System.Globalization;
using System.Net;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;
using StackExchange.Redis;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>The shards of the hot store spread over the primaries of a Redis Cluster; every script stays within one of them.</summary>
public sealed class RedisClusterTests
{
    private const int Accounts = 12;

    [Fact]
    public async Task Calls_OfAccountsOnBothPrimaries_AreHeldBookedAndReconciled()
    {
        var buses = new[] { FreePort.Find(), FreePort.Find() };
        await using var first = await StartAsync(buses[0]);
        await using var second = await StartAsync(buses[1]);
        await JoinAsync(first, second, buses[1]);
        await using var gateway = await TestGateway.StartAsync(
            $"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}", $"ConnectionStrings:Redis={first.ConnectionString},{second.ConnectionString}");

        var calls = await Task.WhenAll(Enumerable.Range(0, Accounts).Select(async _ =>
        {
            var account = await gateway.CreateAccountAsync();
            using var answer = await account.ChatAsync("x");
            return (Account: account, answer.StatusCode);
        }));

        calls.Should().OnlyContain(call => call.StatusCode == HttpStatusCode.OK);
        foreach (var (account, _) in calls)
        {
            await Eventually.TrueAsync(async () => (await account.ReadAsync()).GetProperty("held").GetString() == "0", "nothing is held any more");
            await account.ShouldAddUpAsync();
        }

        (await SizeAsync(first)).Should().BePositive();
        (await SizeAsync(second)).Should().BePositive();
        using var reconciled = await gateway.Admin.PostAsync(new Uri("/api/v1/reconciliation", UriKind.Relative), content: null);
        var report = JsonDocument.Parse(await reconciled.Content.ReadAsStringAsync()).RootElement;
        report.GetProperty("accountsChecked").GetInt32().Should().BeGreaterThanOrEqualTo(Accounts);
        report.GetProperty("drifts").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task Calls_AfterACopyTookOverForADeadPrimary_AreTakenOnBothHalves()
    {
        var buses = new[] { FreePort.Find(), FreePort.Find(), FreePort.Find() };
        await using var first = await StartAsync(buses[0]);
        await using var second = await StartAsync(buses[1]);
        await using var copy = await StartAsync(buses[2]);
        await JoinAsync(first, second, buses[1]);
        await FollowAsync(second, copy, buses[2]);
        await AgreeAsync(first, second, copy);
        await using var gateway = await TestGateway.StartAsync(
            $"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}",
            $"ConnectionStrings:Redis={first.ConnectionString},{second.ConnectionString},{copy.ConnectionString}");
        var accounts = await Task.WhenAll(Enumerable.Range(0, Accounts).Select(_ => gateway.CreateAccountAsync()));
        (await Task.WhenAll(accounts.Select(CallAsync))).Should().AllBeEquivalentTo(HttpStatusCode.OK);

        await second.KillAsync();
        await using (var connection = await ConnectAsync(copy))
        {
            await connection.GetServer(copy.ConnectionString).ExecuteAsync("CLUSTER", "FAILOVER", "TAKEOVER");
        }

        foreach (var account in accounts)
        {
            await Eventually.TrueAsync(async () => await CallAsync(account) == HttpStatusCode.OK, "calls are taken, whichever half an account is on");
        }

        (await Task.WhenAll(accounts.Select(CallAsync))).Should().AllBeEquivalentTo(HttpStatusCode.OK);
        foreach (var account in accounts)
        {
            await account.ShouldAddUpAsync();
        }
    }

    private static async Task<HttpStatusCode> CallAsync(Fixtures.TestAccount account)
    {
        using var answer = await account.ChatAsync("x");
        await answer.Content.ReadAsStringAsync();
        return answer.StatusCode;
    }

    private static async Task FollowAsync(RedisServer primary, RedisServer copy, int bus)
    {
        await using var one = await ConnectAsync(primary);
        await using var other = await ConnectAsync(copy);
        var id = (string)(await one.GetServer(primary.ConnectionString).ExecuteAsync("CLUSTER", "MYID"))!;
        await one.GetServer(primary.ConnectionString).ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", copy.Port, bus);
        await Eventually.TrueAsync(async () => await TryAsync(other.GetServer(copy.ConnectionString), "CLUSTER", "REPLICATE", id), "the copy knows its primary");
        await Eventually.TrueAsync(async () => await copy.InfoAsync("master_link_status") == "up", "the copy follows");
    }

    private static async Task<bool> TryAsync(IServer server, string command, params object[] arguments)
    {
        try
        {
            await server.ExecuteAsync(command, arguments);
            return true;
        }
        catch (RedisServerException)
        {
            return false;
        }
    }

    private static Task<RedisServer> StartAsync(int bus) => RedisServer.StartAsync(
        [.. RedisServer.Durable, "--cluster-enabled", "yes", "--cluster-port", bus.ToString(CultureInfo.InvariantCulture), "--cluster-announce-ip", "127.0.0.1"]);

    private static async Task JoinAsync(RedisServer first, RedisServer second, int bus)
    {
        await using var one = await ConnectAsync(first);
        await using var other = await ConnectAsync(second);
        await one.GetServers()[0].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", 0, 8191);
        await other.GetServers()[0].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", 8192, 16383);
        await one.GetServers()[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", second.Port, bus);
        await AgreeAsync(first, second);
    }

    /// <summary>Waits until each of them knows all of them.</summary>
    private static async Task AgreeAsync(params RedisServer[] nodes)
    {
        foreach (var node in nodes)
        {
            await using var connection = await ConnectAsync(node);
            await Eventually.TrueAsync(
                async () =>
                {
                    var info = (string)(await connection.GetServer(node.ConnectionString).ExecuteAsync("CLUSTER", "INFO"))!;
                    return info.Contains("cluster_state:ok", StringComparison.Ordinal)
                        && info.Contains(string.Create(CultureInfo.InvariantCulture, $"cluster_known_nodes:{nodes.Length}\r"), StringComparison.Ordinal);
                },
                "the cluster agrees on its slots");
        }
    }

    private static async Task<long> SizeAsync(RedisServer redis)
    {
        await using var connection = await ConnectAsync(redis);
        return (long)await connection.GetServers()[0].ExecuteAsync("DBSIZE");
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer redis) =>
        await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");
}
