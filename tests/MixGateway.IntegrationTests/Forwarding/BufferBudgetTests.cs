using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Forwarding;
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
            // Enough of the body that Kestrel's minimum data rate does not end these two while the third is tried.
            var begun = "{" + new string(' ', 100_000);
            await first.SendAsync(RawCaller.Head(account, body.Length) + begun);
            await second.SendAsync(RawCaller.Head(account, body.Length) + begun);

            // Both have to hold their buffers first: a third that is faster would have one of them refused.
            var budget = gateway.Services.GetRequiredService<BufferBudget>();
            await Eventually.TrueAsync(() => Task.FromResult(budget.Used >= 2 * 1024 * 1024), "two buffers in use");
            using var refused = await account.PostAsync(body);

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
