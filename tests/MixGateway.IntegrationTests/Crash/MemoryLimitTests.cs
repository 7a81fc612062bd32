namespace MixGateway.IntegrationTests.Crash;

/// <summary>
/// A gateway in little memory serves, or refuses with 503, and lives: whatever is too much at once is nobody's fault, and least of
/// all the provider's.
/// </summary>
public sealed class MemoryLimitTests
{
    private const int MiB = 1024 * 1024;
    private const string Refused = "503 service_unavailable";

    [Fact]
    public async Task StreamsAndPrompts_In256Megabytes_AreServedOrRefused()
    {
        await using var gateway = await CagedGateway.StartAsync(256);
        using var streams = await gateway.AccountAsync();
        using var prompts = await gateway.AccountAsync();

        var streaming = CagedGateway.CallAsync(streams, 200, CagedGateway.Prompt("x+chunks=10+delay=200", 1000, stream: true));
        var prompting = CagedGateway.CallAsync(prompts, 40, CagedGateway.Prompt("x+first=500", 2 * MiB));

        ShouldBeServedOrRefused(gateway, await streaming, atLeast: 100);
        ShouldBeServedOrRefused(gateway, await prompting, atLeast: 5);
        await ShouldWorkAsAtFirstAsync(gateway, prompts);
    }

    [Fact]
    public async Task LargeBodies_OfOneAccountIn512Megabytes_AreServedOrRefused()
    {
        await using var gateway = await CagedGateway.StartAsync(512);
        using var greedy = await gateway.AccountAsync();
        using var modest = await gateway.AccountAsync();

        var bodies = CagedGateway.CallAsync(greedy, 60, CagedGateway.Prompt("x+first=500", 8 * MiB));
        var others = await CagedGateway.CallAsync(modest, 20, CagedGateway.Prompt("x", 10_000));

        others.Should().OnlyContain(static status => status == "200", "an account leaves room for others");
        ShouldBeServedOrRefused(gateway, await bodies, atLeast: 2);
        await ShouldWorkAsAtFirstAsync(gateway, greedy);
    }

    [Theory]
    [InlineData(5 * MiB)]
    [InlineData(900_000)]
    public async Task JsonAnswers_In256Megabytes_AreServedOrRefused(int bytes)
    {
        await using var gateway = await CagedGateway.StartAsync(256);
        using var caller = await gateway.AccountAsync();

        var statuses = await CagedGateway.CallAsync(caller, 40, CagedGateway.Prompt($"x+size={bytes}", 100));

        ShouldBeServedOrRefused(gateway, statuses, atLeast: 5);
        await ShouldWorkAsAtFirstAsync(gateway, caller);
    }

    private static void ShouldBeServedOrRefused(CagedGateway gateway, IReadOnlyList<string> statuses, int atLeast)
    {
        gateway.HasExited.Should().BeFalse("{0}", gateway.Output);
        statuses.Should().OnlyContain(static status => status == "200" || status == Refused, "{0}", gateway.Output);
        statuses.Count(static status => status == "200").Should().BeGreaterThanOrEqualTo(atLeast);
    }

    /// <summary>Nothing is left behind: neither memory nor a provider that rests.</summary>
    private static async Task ShouldWorkAsAtFirstAsync(CagedGateway gateway, HttpClient caller)
    {
        (await CagedGateway.CallAsync(caller, 1, CagedGateway.Prompt("x", MiB))).Should().Equal("200");
        (await gateway.MetricAsync("mixgateway_upstream_healthy")).Should().Be(1);
        (await gateway.MetricAsync("mixgateway_bodies_buffered_bytes")).Should().Be(0);
        gateway.Resident.Should().BeLessThan(gateway.Limit);
        gateway.Output.Should().NotContain("OutOfMemory");
    }
}
