using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>A primary with a copy, both in the connection string, of which the copy takes over.</summary>
public sealed class RedisFailoverTests
{
    [Fact]
    public async Task Replica_PromotedAfterThePrimaryDied_TakesCallsWhileTheOtherIsGone()
    {
        await using var primary = await RedisServer.StartAsync(RedisServer.Durable);
        await using var copy = await RedisServer.StartAsync(RedisServer.Durable);
        await copy.FollowAsync(primary);
        await using var gateway = await TestGateway.StartAsync(
            $"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}", $"ConnectionStrings:Redis={primary.ConnectionString},{copy.ConnectionString}");
        var account = await gateway.CreateAccountAsync();
        (await CallAsync(account)).Should().Be(HttpStatusCode.OK);
        var name = NameOf(gateway);

        await primary.KillAsync();
        await copy.PromoteAsync();

        await Eventually.TrueAsync(async () => await CallAsync(account) == HttpStatusCode.OK, "calls are taken by the other server");
        NameOf(gateway).Should().NotBe(name, "the other server may have less than was confirmed");
        for (var i = 0; i < 40; i++)
        {
            (await CallAsync(account)).Should().Be(HttpStatusCode.OK, "it goes on like that, and not only between two tries to reach the dead one");
        }

        (await gateway.Admin.DeleteAsync(new Uri($"/api/v1/keys/{account.KeyId}", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await CallAsync(account)).Should().Be(HttpStatusCode.Unauthorized);
        await account.ShouldAddUpAsync();
    }

    private static string NameOf(TestGateway gateway) => gateway.Services.GetRequiredService<ScriptRunner>().StoreId;

    private static async Task<HttpStatusCode> CallAsync(Fixtures.TestAccount account)
    {
        using var response = await account.ChatAsync("sim");
        await response.Content.ReadAsStringAsync();
        return response.StatusCode;
    }
}
