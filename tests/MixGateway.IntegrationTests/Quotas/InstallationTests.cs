using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Two installations, each with a database of its own, and one Redis.</summary>
public sealed class InstallationTests
{
    private const string ForeignCall = "00000000000000000000000000000001";

    private static readonly Uri Ready = new("/health/ready", UriKind.Relative);

    [Fact]
    public async Task SecondInstallation_OnTheSameRedis_RefusesToStartUnlessItHasAPrefix()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        string[] others = [$"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}", $"ConnectionStrings:Redis={set.Redis!.ConnectionString}"];
        Guid account;
        await using (var first = await TestGateway.StartAsync(set.Settings))
        {
            account = (await first.CreateAccountAsync()).Id;
        }

        // Also while nobody of the first runs, for what it left there is its own.
        var start = () => TestGateway.StartAsync(others);
        (await start.Should().ThrowAsync<DatabaseRefusedException>()).Which.Message.Should().ContainAll("ConnectionStrings:Redis", "Quotas:KeyPrefix", "another database").And.NotContain("\n");

        await using var one = await TestGateway.StartAsync(set.Settings);
        await using var two = await TestGateway.StartAsync([.. others, "Quotas:KeyPrefix=two:"]);
        foreach (var gateway in new[] { one, two })
        {
            var caller = await gateway.CreateAccountAsync();
            using var answer = await caller.ChatAsync("sim");
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            await caller.ShouldAddUpAsync();
            (await RejectedAsync(gateway)).Should().Be(0);
        }

        (await one.GetAsync($"/api/v1/accounts/{account}")).GetProperty("id").GetGuid().Should().Be(account, "a database keeps its identity over starts");
    }

    [Fact]
    public async Task Redis_EmptiedAndTakenByAnotherUnderARunningGateway_IsLeftAlone()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync();
        using (var before = await account.ChatAsync("sim"))
        {
            before.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await account.ShouldAddUpAsync();
        var database = gateway.Services.GetRequiredService<HotStoreConnection>().Database;
        await database.ScriptEvaluateAsync(
            """
            redis.call('FLUSHALL')
            for shard = 0, 63 do
              redis.call('HSET', string.format('mg:{s%02d}:calls', shard), '#', ARGV[1])
            end
            redis.call('HSET', 'mg:{s07}:calls', ARGV[2], '1|H|C|' .. ARGV[1] .. '|' .. ARGV[1] .. '|5|5|0|-|-|2026-11-22|2026-11|0|0\n{}')
            redis.call('ZADD', 'mg:{s07}:due', 1, ARGV[2])
            """,
            [],
            ["0000000000000000000000000000000b", ForeignCall]);

        await Eventually.TrueAsync(async () => (await ReadyAsync(gateway)).Contains("another database", StringComparison.Ordinal), "the gateway says what is wrong");
        using (var refused = await account.ChatAsync("sim"))
        {
            await refused.ShouldFailAsync(503, "server_error", "service_unavailable");
        }

        await gateway.Services.GetRequiredService<Sweeper>().SweepAsync(default);
        (await database.HashExistsAsync("mg:{s07}:calls", ForeignCall)).Should().BeTrue();
        (await database.KeyExistsAsync(AccountShard.KeysOf(account.Id)[0])).Should().BeFalse("nothing of ours is brought in");
        (await RejectedAsync(gateway)).Should().Be(0);

        await set.Redis!.FlushAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                using var again = await account.ChatAsync("sim");
                return again.StatusCode == HttpStatusCode.OK;
            },
            "calls are taken again");
    }

    private static async Task<string> ReadyAsync(TestGateway gateway)
    {
        using var response = await gateway.Client.GetAsync(Ready);
        return response.StatusCode == HttpStatusCode.ServiceUnavailable ? await response.Content.ReadAsStringAsync() : "";
    }

    private static async Task<int> RejectedAsync(TestGateway gateway)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        return await database.RejectedEvents.CountAsync();
    }
}
