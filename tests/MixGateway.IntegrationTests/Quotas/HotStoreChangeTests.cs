using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>A Redis that lost what it had acknowledged brings nothing back to life.</summary>
public sealed class HotStoreChangeTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task Redis_WhoseOlderSnapshotComesBack_LetsNoRevokedKeyThrough(int replicas, bool hidesRuns)
    {
        await using var redis = await RedisServer.StartAsync(hidesRuns ? ["--rename-command", "INFO", ""] : []);
        string[] settings = [$"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}", $"ConnectionStrings:Redis={redis.ConnectionString}"];
        await using var one = await TestGateway.StartAsync(settings);
        await using var second = replicas == 2 ? await TestGateway.StartAsync(settings) : null;
        var two = second ?? one;
        var revoked = await one.CreateAccountAsync("10");
        var key = await one.PostAsync($"/api/v1/accounts/{revoked.Id}/keys", new { name = "kept" });
        var kept = revoked with { KeyId = key.GetProperty("id").GetGuid(), Key = key.GetProperty("key").GetString()! };
        var suspended = await one.CreateAccountAsync("10");
        var poor = await one.CreateAccountAsync("10");
        foreach (var account in new[] { revoked, kept, suspended, poor })
        {
            (await CallAsync(two, account)).Should().Be(HttpStatusCode.OK);
        }

        await Connection(one).Database.ExecuteAsync("SAVE");
        await ChangeAsync(one, () => one.Admin.DeleteAsync(new Uri($"/api/v1/keys/{revoked.KeyId}", UriKind.Relative)));
        await ChangeAsync(one, () => one.Admin.PatchAsJsonAsync($"/api/v1/accounts/{suspended.Id}", new { status = "suspended" }));
        await one.PostAsync($"/api/v1/accounts/{poor.Id}/credits", new { amount = "-9.99999", note = "correction" });
        (await CallAsync(two, revoked)).Should().Be(HttpStatusCode.Unauthorized);

        await redis.KillAsync();
        await redis.StartAsync();

        await Eventually.TrueAsync(async () => await CallAsync(two, kept) == HttpStatusCode.OK, "calls are taken again");
        (await ReadyTextAsync(two)).Contains("INFO", StringComparison.Ordinal).Should().Be(hidesRuns, "what the store does not permit is said");
        (await CallAsync(two, revoked)).Should().Be(HttpStatusCode.Unauthorized);
        (await CallAsync(two, suspended)).Should().Be(HttpStatusCode.Forbidden);
        (await CallAsync(two, poor)).Should().Be(HttpStatusCode.PaymentRequired);
        using var models = two.NewClient(revoked.Key);
        using var list = await models.GetAsync(new Uri("/v1/models", UriKind.Relative));
        list.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        await kept.ShouldAddUpAsync();
    }

    [Fact]
    public async Task Redis_Flushed_GetsANewNameThatAllReplicasAgreeOn()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var one = await TestGateway.StartAsync(set.Settings);
        await using var two = await TestGateway.StartAsync(set.Settings);
        var account = await one.CreateAccountAsync();
        var before = NameOf(one);
        NameOf(two).Should().Be(before);

        await Connection(one).Database.ExecuteAsync("FLUSHALL");

        await Eventually.TrueAsync(() => Task.FromResult(NameOf(one) != before && NameOf(one) == NameOf(two)), "both have the same new name");
        (await CallAsync(one, account)).Should().Be(HttpStatusCode.OK);
        (await CallAsync(two, account)).Should().Be(HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => (await ReplicasAsync(one)).TrueForAll(replica => replica.HotStoreId == NameOf(one)), "the database knows the new name");
        await using var three = await TestGateway.StartAsync(set.Settings);
        (await CallAsync(three, account)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Gateway_WithAnotherHotStore_RefusesToStartUntilTheFirstHasStopped()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var other = await RedisServer.StartAsync();
        var database = $"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}";
        await using (await TestGateway.StartAsync(database, $"ConnectionStrings:Redis={redis.ConnectionString}"))
        {
            var start = () => TestGateway.StartAsync(database, $"ConnectionStrings:Redis={other.ConnectionString},password=s3cret");
            (await start.Should().ThrowAsync<DatabaseRefusedException>()).Which.Message.Should()
                .Contain(redis.ConnectionString).And.Contain(other.ConnectionString).And.Contain("ConnectionStrings:Redis").And.NotContain("s3cret");
            var embedded = () => TestGateway.StartAsync(database);
            (await embedded.Should().ThrowAsync<DatabaseRefusedException>()).Which.Message.Should().Contain(redis.ConnectionString).And.Contain("the store in its process");
        }

        await using var next = await TestGateway.StartAsync(database, $"ConnectionStrings:Redis={other.ConnectionString}");
        (await CallAsync(next, await next.CreateAccountAsync())).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Gateway_AfterOneWithAnotherHotStoreDied_StartsOnceItsSignsStayAway()
    {
        await using var redis = await RedisServer.StartAsync();
        var database = $"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}";
        await using (var first = await TestGateway.StartAsync(database, $"ConnectionStrings:Redis={redis.ConnectionString}"))
        {
            await using var context = await ContextAsync(first);
            context.Replicas.Add(new ReplicaRow { Id = Guid.NewGuid(), HotStoreId = "dead", HotStore = "Redis at nowhere", Host = "nobody", SeenAt = DateTime.UtcNow });
            await context.SaveChangesAsync();
        }

        await using var gateway = await TestGateway.StartAsync(database, $"ConnectionStrings:Redis={redis.ConnectionString}");

        (await ReplicasAsync(gateway)).Should().ContainSingle().Which.HotStoreId.Should().Be(NameOf(gateway));
        (await CallAsync(gateway, await gateway.CreateAccountAsync())).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Gateway_StartedWithoutItsRedis_TakesCallsOnceItIsThereAndShared()
    {
        await using var redis = await RedisServer.StartAsync();
        string[] settings = [$"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}", $"ConnectionStrings:Redis={redis.ConnectionString}"];
        await redis.KillAsync();
        await using var gateway = await TestGateway.StartAsync(settings);
        (await ReplicasAsync(gateway)).Should().BeEmpty();
        await redis.StartAsync();
        var account = await gateway.CreateAccountAsync();

        await Eventually.TrueAsync(async () => await CallAsync(gateway, account) == HttpStatusCode.OK, "calls are taken");

        (await ReplicasAsync(gateway)).Should().ContainSingle();
    }

    private static Task<string> ReadyTextAsync(TestGateway gateway) => gateway.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative));

    private static HotStoreConnection Connection(TestGateway gateway) => gateway.Services.GetRequiredService<HotStoreConnection>();

    private static string NameOf(TestGateway gateway) => gateway.Services.GetRequiredService<ScriptRunner>().StoreId;

    private static async Task<HttpStatusCode> CallAsync(TestGateway gateway, Fixtures.TestAccount account)
    {
        using var response = await gateway.CallAsync(account.Key, System.Text.Encoding.UTF8.GetBytes(Fixtures.Calls.ChatBody("sim", members: ",\"max_tokens\":100")));
        await response.Content.ReadAsStringAsync();
        return response.StatusCode;
    }

    private static async Task ChangeAsync(TestGateway gateway, Func<Task<HttpResponseMessage>> change)
    {
        using var response = await change();
        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", gateway.Address);
    }

    private static Task<GatewayDbContext> ContextAsync(TestGateway gateway) =>
        gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();

    private static async Task<List<ReplicaRow>> ReplicasAsync(TestGateway gateway)
    {
        await using var database = await ContextAsync(gateway);
        return await database.Replicas.AsNoTracking().ToListAsync();
    }
}
