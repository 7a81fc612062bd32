using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class StreamTimingTests(StreamTimingTests.BothVersions shared) : IClassFixture<StreamTimingTests.BothVersions>
{
    /// <summary>After the event the provider says nothing more for an hour, so whatever the caller sees was not waiting for more.</summary>
    [Theory]
    [InlineData("sim", 1, "")]
    [InlineData("sim", 2, "")]
    [InlineData("sim", 5, "")]
    [InlineData("sim", 2, "+gzip=force")]
    [InlineData("sim", 2, "+comments=1+eol=crlf")]
    [InlineData("sim", 2, "+fragment=3")]
    [InlineData("sim", 1, "+size=1048576")]
    [InlineData("h2", 1, "")]
    [InlineData("h2", 3, "+gzip=force")]
    public async Task Event_OfTheProvider_ReachesTheCallerBeforeTheNextIsSent(string provider, int events, string form)
    {
        var account = await shared.Gateway.CreateAccountAsync();
        var body = Calls.ChatBody($"sim+chunks=5+stall={events}:3600000{form}", stream: true, provider: provider);

        using var caller = await RawCaller.PostAsync(account, body);
        await caller.ReadUntilAsync("\"finish_reason\":", events);

        caller.Count("\"finish_reason\":").Should().Be(events);
        caller.Leave();
    }

    [Fact]
    public async Task Answer_ThatIsHeldBack_IsOnlyItsEndMarker()
    {
        var account = await shared.Gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+chunks=3+first=50+delay=20", stream: true);
        await response.Content.ReadAsStringAsync();

        var record = await account.OnlyCallAsync();
        record.FirstTokenMs.Should().BeGreaterThanOrEqualTo(45).And.BeLessThan(record.DurationMs);
    }

    public sealed class BothVersions() : SharedGateway(upstream =>
        Provider("h2", upstream.Http2BaseAddress, "Cluster:HttpRequest:Version=2", "Cluster:HttpRequest:VersionPolicy=RequestVersionExact"));
}
