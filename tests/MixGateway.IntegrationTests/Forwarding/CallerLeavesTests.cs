using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>Callers who hang up before the end.</summary>
public sealed class CallerLeavesTests(CallerLeavesTests.Disconnects shared) : IClassFixture<CallerLeavesTests.Disconnects>
{
    private const string Silence = "3600000";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TestGateway _gateway = shared.Gateway;

    private SimulatorState Upstream => _gateway.Upstream.State;

    [Theory]
    [InlineData("sim", 1)]
    [InlineData("sim", 2)]
    [InlineData("sim", 3)]
    [InlineData("h2", 1)]
    [InlineData("h2", 3)]
    public async Task Caller_WhoLeavesAfterAnEvent_CancelsTheProviderAndPaysAnEstimate(string provider, int events)
    {
        var account = await _gateway.CreateAccountAsync();
        var aborts = Upstream.Aborts;
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody($"sim+chunks=3+stall={events}:{Silence}", stream: true, provider: provider));
        await caller.ReadUntilAsync("\"finish_reason\":", events);

        caller.Leave();

        await Upstream.WaitForAsync(state => state.Aborts > aborts, Second);
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(
            new { Status = "aborted", UsageSource = "estimated", CompletionTokens = (long)events, HttpStatus = 200, ErrorCode = (string?)null });
        record.PromptTokens.Should().BeInRange(3, 12);
        CallRecords.Nanos(record.Cost).Should().Be(record.ExpectedNanos);
    }

    [Theory]
    [InlineData("sim", true)]
    [InlineData("sim", false)]
    [InlineData("h2", true)]
    public async Task Caller_WhoLeavesBeforeTheAnswer_CancelsTheProviderAndPaysForThePrompt(string provider, bool stream)
    {
        var account = await _gateway.CreateAccountAsync();
        var (calls, aborts) = (Upstream.Calls, Upstream.Aborts);
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+hang=1", stream, provider: provider));
        await Upstream.WaitForAsync(state => state.Calls > calls, 10 * Second);

        caller.Leave();

        await Upstream.WaitForAsync(state => state.Aborts > aborts, Second);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(
            new { Status = "aborted", UsageSource = "estimated", PromptTokens = 9L, CompletionTokens = 0L, HttpStatus = 499, FirstTokenMs = (int?)null });
    }

    [Fact]
    public async Task Caller_WhoClosesPolitely_CancelsTheProviderToo()
    {
        var account = await _gateway.CreateAccountAsync();
        var aborts = Upstream.Aborts;
        using (var caller = await RawCaller.PostAsync(account, Calls.ChatBody($"sim+chunks=3+stall=1:{Silence}", stream: true)))
        {
            await caller.ReadUntilAsync("\"finish_reason\":");
        }

        await Upstream.WaitForAsync(state => state.Aborts > aborts, Second);
        (await account.OnlyCallAsync()).Status.Should().Be("aborted");
    }

    [Fact]
    public async Task Caller_WhoLeavesAfterTheFinishReason_PaysTheReportedUsage()
    {
        var account = await _gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=3+prompt=777+stall=4:400", stream: true));
        await caller.ReadUntilAsync("\"finish_reason\":\"stop\"");

        caller.Leave();

        (await account.OnlyCallAsync()).Should().BeEquivalentTo(
            new { Status = "aborted", UsageSource = "reported", PromptTokens = 777, CompletionTokens = 3, HttpStatus = 200 });
    }

    /// <summary>A report from before what was delivered last says nothing of that.</summary>
    [Theory]
    [InlineData("first", "estimated", 40)]
    [InlineData("every", "reported", 40)]
    public async Task Caller_WhoLeavesAfterAnEarlyReport_PaysForWhatCameSince(string usage, string source, long completion)
    {
        var account = await _gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody($"sim+chunks=80+prompt=777+cached=7+usage={usage}+stall=40:{Silence}", stream: true));
        await caller.ReadUntilAsync("\"finish_reason\":", 40);

        caller.Leave();

        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "aborted", UsageSource = source, PromptTokens = 777, CachedTokens = 7, HttpStatus = 200 });
        record.CompletionTokens.Should().BeCloseTo(completion, 3);
        CallRecords.Nanos(record.Cost).Should().Be(record.ExpectedNanos);
    }

    [Theory]
    [InlineData(1, true, 200)]
    [InlineData(2, true, 200)]
    [InlineData(0, true, 499)]
    [InlineData(0, false, 200)]
    public async Task Caller_OfADrainedProvider_PaysTheReportedUsage(int events, bool stream, int status)
    {
        var account = await _gateway.CreateAccountAsync();
        var (calls, aborts) = (Upstream.Calls, Upstream.Aborts);
        var script = events == 0 ? "sim+chunks=3+prompt=777+first=400" : $"sim+chunks=3+prompt=777+stall={events}:400";
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody(script, stream, provider: "drain"));
        await Upstream.WaitForAsync(state => state.Calls > calls, 10 * Second);
        await caller.ReadUntilAsync("\"finish_reason\":", events);

        caller.Leave();

        (await account.OnlyCallAsync()).Should().BeEquivalentTo(
            new { Status = "aborted", UsageSource = "reported", PromptTokens = 777, CompletionTokens = 3, HttpStatus = status });
        Upstream.Aborts.Should().Be(aborts);
    }

    [Fact]
    public async Task Drain_ThatTakesTooLong_EndsWithAnEstimate()
    {
        var account = await _gateway.CreateAccountAsync();
        var aborts = Upstream.Aborts;
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody($"sim+chunks=3+stall=2:{Silence}", stream: true, provider: "short"));
        await caller.ReadUntilAsync("\"finish_reason\":", 2);

        caller.Leave();

        await Upstream.WaitForAsync(state => state.Aborts > aborts, 5 * Second);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "aborted", UsageSource = "estimated", CompletionTokens = 2 });
    }

    [Fact]
    public async Task Caller_WhoLeavesInALongJson_PaysAnEstimateOfWhatWentOut()
    {
        var account = await _gateway.CreateAccountAsync();
        var aborts = Upstream.Aborts;
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody($"sim+size=3000000+stall=2000000:{Silence}"));
        while (caller.Length < 1_500_000)
        {
            await caller.ReadAsync(256 * 1024);
        }

        caller.Leave();

        await Upstream.WaitForAsync(state => state.Aborts > aborts, Second);
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "aborted", UsageSource = "estimated" });
        record.CompletionTokens.Should().Be(8192, "no estimate is above what the call was allowed to use");
    }

    [Fact]
    public async Task ManyCallers_WhoLeaveAtOnce_LeaveOneRecordEach()
    {
        const int Callers = 30;
        var account = await _gateway.CreateAccountAsync();
        var aborts = Upstream.Aborts;
        var callers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async i =>
        {
            var caller = await RawCaller.PostAsync(account, Calls.ChatBody($"sim+chunks=3+stall={1 + (i % 3)}:{Silence}", stream: true));
            await caller.ReadUntilAsync("\"finish_reason\":", 1 + (i % 3));
            return caller;
        }));

        foreach (var caller in callers)
        {
            caller.Leave();
        }

        await Upstream.WaitForAsync(state => state.Aborts >= aborts + Callers, 5 * Second);
        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count == Callers, "a record of each");
        await account.ShouldAddUpAsync();
    }

    public sealed class Disconnects() : SharedGateway(upstream =>
    [
        .. Provider("h2", upstream.Http2BaseAddress, "Cluster:HttpRequest:Version=2", "Cluster:HttpRequest:VersionPolicy=RequestVersionExact", "OnDisconnect=Cancel"),
        .. Provider("drain", upstream.BaseAddress, "DrainTimeout=00:00:10"),
        .. Provider("short", upstream.BaseAddress, "OnDisconnect=Drain", "DrainTimeout=00:00:00.3"),
    ]);
}
