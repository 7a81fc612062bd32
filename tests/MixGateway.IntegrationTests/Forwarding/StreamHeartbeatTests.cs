using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>A caller who waits for a stream, at a gateway that sends signs of life.</summary>
public sealed class StreamHeartbeatTests(StreamHeartbeatTests.Beating shared) : IClassFixture<StreamHeartbeatTests.Beating>
{
    private const string Ping = ": ping\n\n";

    private readonly TestGateway _gateway = shared.Gateway;

    [Fact]
    public async Task Stream_SilentBeforeItsFirstEvent_BeginsWithComments()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+chunks=2+first=2500", stream: true);
        var text = await response.Content.ReadAsStringAsync();

        text.Should().StartWith(Ping + Ping + "data: {").And.EndWith("data: [DONE]\n\n");
        Calls.Events(text).Should().HaveCount(3);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "completed", UsageSource = "reported", CompletionTokens = 2, HttpStatus = 200 });
    }

    [Fact]
    public async Task Stream_SilentBetweenEvents_HasCommentsBetweenThem()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+chunks=3+stall=2:1500", stream: true);
        var text = await response.Content.ReadAsStringAsync();

        text.Split("\n\n").Should().Contain(": ping").And.OnlyContain(part => part == ": ping" || part.Length == 0 || part.StartsWith("data: ", StringComparison.Ordinal));
        text.Should().StartWith("data: {").And.EndWith("data: [DONE]\n\n");
        Calls.Events(text).Should().HaveCount(4);
    }

    [Theory]
    [InlineData("error=500", "upstream_error")]
    [InlineData("reset=1", "upstream_error")]
    [InlineData("error=429", "upstream_rate_limited")]
    public async Task Provider_ThatFailsAfterAComment_EndsTheStreamWithAnErrorEvent(string fault, string code)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync($"sim+first=1500+{fault}", stream: true);
        var text = await response.Content.ReadAsStringAsync();

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        text.Should().StartWith(Ping).And.NotContain("[DONE]");
        ApiError.ReadEvent(Calls.Events(text).Should().ContainSingle().Subject, response).Code.Should().Be(code);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", UsageSource = "none", Cost = "0", ErrorCode = code, HttpStatus = 200 });
    }

    [Fact]
    public async Task Json_ThatTakesLong_IsNotTouched()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+first=1500");

        (await response.Content.ReadAsStringAsync()).Should().StartWith("{");
    }

    public sealed class Beating() : SharedGateway(_ => ["Limits:StreamHeartbeat=00:00:01"]);
}
