using System.Globalization;
using Xunit.Abstractions;

namespace MixGateway.IntegrationTests.Quotas.Walk;

/// <summary>
/// Seeded random walks over the real scripts. Another seed or more of them: MIXGATEWAY_WALK_SEED, MIXGATEWAY_WALKS.
/// </summary>
public abstract class CallWalkTests(HotStoreServer server, ITestOutputHelper output)
{
    private const int Steps = 400;
    private const int AtOnce = 8;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Walk_ThroughFaults_KeepsThePromises(bool forgets, bool isVolatile)
    {
        var first = Number("MIXGATEWAY_WALK_SEED", Random.Shared.Next(1_000_000));
        var walks = Number("MIXGATEWAY_WALKS", 48);
        output.WriteLine($"MIXGATEWAY_WALK_SEED={first} MIXGATEWAY_WALKS={walks}");
        await server.EmptyAsync();
        var ended = 0;
        var booked = 0;
        var evicted = 0;
        await Parallel.ForAsync(0, AtOnce, async (lane, _) =>
        {
            for (var seed = first + lane; seed < first + walks; seed += AtOnce)
            {
                // The shard follows from the seed, so that one walk can be repeated alone; those at the same time have different ones.
                var walk = new CallWalk(new HotStoreClient(server.Connection, HotStoreServer.Options), server.Connection.Database, seed, seed % AtOnce, forgets, isVolatile);
                try
                {
                    await walk.RunAsync(Steps);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"The walk with seed {seed} (forgets: {forgets}, volatile: {isVolatile}) failed: {e.Message}", e);
                }

                Interlocked.Add(ref ended, walk.Ended.Count);
                Interlocked.Add(ref booked, walk.Books.Records.Count);
                Interlocked.Add(ref evicted, walk.Evicted);
            }
        });
        output.WriteLine($"{ended} calls ended, {booked} were booked; the account left the store {evicted} times");
        ended.Should().BeGreaterThan(0);
        evicted.Should().BeGreaterThan(0);
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}

public sealed class CallWalkOnRedisTests(RedisHotStore server, ITestOutputHelper output) : CallWalkTests(server, output), IClassFixture<RedisHotStore>;

public sealed class CallWalkOnGarnetTests(GarnetHotStore server, ITestOutputHelper output) : CallWalkTests(server, output), IClassFixture<GarnetHotStore>;
