using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class SlowBodyTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Body_ThatStopsComing_Answers408()
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var caller = await RawCaller.ConnectAsync(shared.Gateway);

        await caller.SendAsync(RawCaller.Head(account, 1000) + "{\"model\":");
        await caller.ReadToEndAsync();

        caller.Received.Should().StartWith("HTTP/1.1 408 ").And.Contain("Content-Type: application/json\r\n");
        var body = JsonSerializer.Deserialize<JsonElement>(caller.Received[caller.Received.IndexOf('{')..]);
        body.GetProperty("error").GetProperty("type").GetString().Should().Be("invalid_request_error");
        body.GetProperty("error").GetProperty("code").GetString().Should().Be("request_timeout");
        caller.Received.Should().Contain($"x-request-id: {body.GetProperty("request_id").GetString()}\r\n");
        (await account.UsageAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Body_ThatBreaksOff_LeavesNoRecord()
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var caller = await RawCaller.ConnectAsync(shared.Gateway);
        await caller.SendAsync(RawCaller.Head(account, 1000) + "{\"model\":");

        caller.Leave();

        using var next = await account.ChatAsync("sim");
        (await account.OnlyCallAsync()).RequestId.Should().Be(next.RequestId());
    }
}
