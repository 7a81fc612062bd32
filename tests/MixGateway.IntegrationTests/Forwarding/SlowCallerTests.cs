using System.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class SlowCallerTests(SlowCallerTests.Impatient shared) : IClassFixture<SlowCallerTests.Impatient>
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    /// <summary>Forty times what the provider is waited for.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(20);

    /// <summary>
    /// 16 MB, more than all buffers on the way and more than is read while the caller is slow, so that the gateway waits for this caller
    /// far longer than it would for the provider.
    /// </summary>
    [Fact]
    public async Task Caller_WhoReadsSlowly_GetsEverythingAndOneRecord()
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=256+size=65536", stream: true), receiveBuffer: 8192);
        using var pace = new PeriodicTimer(Pace);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Slow && await pace.WaitForNextTickAsync();)
        {
            await caller.ReadAsync(4096);
        }

        await caller.ReadUntilAsync("data: [DONE]\n\n");

        caller.Count("\"finish_reason\":").Should().Be(257);
        caller.Length.Should().BeGreaterThan(256 * 65536);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(
            new { Status = "completed", UsageSource = "reported", PromptTokens = 2, CompletionTokens = 256, ErrorCode = (string?)null });
    }

    /// <summary>Waits for the provider for half a second at most, which is not for the caller's pace.</summary>
    public sealed class Impatient() : SharedGateway(_ => ["Providers:sim:IdleTimeout=00:00:00.5", "Providers:sim:FirstByteTimeout=00:00:05"]);
}
