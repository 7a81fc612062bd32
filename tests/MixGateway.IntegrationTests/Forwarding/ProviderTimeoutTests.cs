using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class ProviderTimeoutTests(ProviderTimeoutTests.Impatient shared) : IClassFixture<ProviderTimeoutTests.Impatient>
{
    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("hang=1", false)]
    [InlineData("hang=1", true)]
    [InlineData("stall=0:60000", false)]
    [InlineData("stall=0:60000", true)]
    [InlineData("stall=10:60000", false)]
    public async Task Provider_SilentBeforeTheAnswer_Answers504(string script, bool stream)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+" + script, stream);

        await response.ShouldFailAsync(504, "upstream_error", "upstream_timeout");
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "failed", HttpStatus = 504, ErrorCode = "upstream_timeout", UsageSource = "none", Cost = "0" });
    }

    [Fact]
    public async Task Provider_SilentInMidStream_EndsItWithAnErrorEvent()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+chunks=5+stall=2:60000", stream: true);
        var text = await response.Content.ReadAsStringAsync();

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        text.Should().NotContain("[DONE]");
        var events = Calls.Events(text);
        events.Should().HaveCount(3);
        ApiError.ReadEvent(events[^1], response).Should().BeEquivalentTo(new { Type = "upstream_error", Code = "upstream_timeout" });
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "failed", HttpStatus = 200, ErrorCode = "upstream_timeout", UsageSource = "estimated" });
    }

    [Fact]
    public async Task Provider_TooLongInAll_EndsTheStreamWithAnErrorEvent()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+chunks=1000+delay=50", stream: true);
        var text = await response.Content.ReadAsStringAsync();

        text.Should().NotContain("[DONE]");
        ApiError.ReadEvent(Calls.Events(text)[^1], response).Code.Should().Be("upstream_timeout");
        (await account.OnlyCallAsync()).ErrorCode.Should().Be("upstream_timeout");
    }

    [Fact]
    public async Task Provider_SlowWithinItsTimes_IsWaitedFor()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+chunks=8+first=300+delay=300", stream: true);

        (await response.Content.ReadAsStringAsync()).Should().EndWith("data: [DONE]\n\n");
    }

    [Fact]
    public async Task Provider_ThatDoesNotListen_Answers502Unreachable()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync("""{"model":"gone:x","messages":[]}""");

        await response.ShouldFailAsync(502, "upstream_error", "upstream_unreachable");
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", HttpStatus = 502, ErrorCode = "upstream_unreachable", Cost = "0" });
    }

    [Fact]
    public async Task Provider_ThatDoesNotAcceptInTime_Answers502Unreachable()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync("""{"model":"full:x","messages":[]}""");

        await response.ShouldFailAsync(502, "upstream_error", "upstream_unreachable");
    }

    public sealed class Impatient : SharedGateway, IDisposable
    {
        private readonly FullListener _full;

        public Impatient()
            : this(new FullListener(IPAddress.Loopback))
        {
        }

        private Impatient(FullListener full)
            : base(upstream =>
            [
                "Providers:sim:FirstByteTimeout=00:00:02",
                "Providers:sim:IdleTimeout=00:00:01.5",
                "Providers:sim:TotalTimeout=00:00:06",
                .. Provider("gone", new Uri($"http://127.0.0.1:{FreePort.Find()}/v1")),
                .. Provider("full", new Uri($"http://127.0.0.1:{full.Port}/v1"), "ConnectTimeout=00:00:00.5"),
            ]) => _full = full;

        public void Dispose() => _full.Dispose();
    }
}
