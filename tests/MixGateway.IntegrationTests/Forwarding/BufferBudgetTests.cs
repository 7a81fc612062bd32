using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class BufferBudgetTests
{
    /// <summary>A body of 900,000 bytes takes a buffer of 1 MiB: two fit into the budget.</summary>
    [Fact]
    public async Task Bodies_ThatTogetherAreTooMuch_Answer503UntilThereIsRoom()
    {
        await using var gateway = await TestGateway.StartAsync("Limits:MaxRequestBody=1000000", "Limits:MaxBufferedBytes=3000000");
        var account = await gateway.CreateAccountAsync();
        var body = Calls.ChatBody("sim", members: $",\"user\":\"{new string('x', 900_000)}\"");
        using (var first = await RawCaller.ConnectAsync(gateway))
        using (var second = await RawCaller.ConnectAsync(gateway))
        {
            await first.SendAsync(RawCaller.Head(account, body.Length) + "{");
            await second.SendAsync(RawCaller.Head(account, body.Length) + "{");

            using var refused = await Eventually.GetAsync(
                async () => await account.PostAsync(body) is { StatusCode: not HttpStatusCode.OK } response ? response : null, "a refusal");

            await refused.ShouldFailAsync(503, "server_error", "service_unavailable");
            refused.Headers.RetryAfter!.Delta.Should().BePositive();
        }

        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await account.PostAsync(body);
                return response.StatusCode == HttpStatusCode.OK;
            },
            "room again");
    }
}
