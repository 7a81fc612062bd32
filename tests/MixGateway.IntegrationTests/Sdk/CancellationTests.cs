using MixGateway.IntegrationTests.Fixtures;
using OpenAI.Chat;

namespace MixGateway.IntegrationTests.Sdk;

/// <summary>A caller of the official .NET SDK who leaves before the end.</summary>
public abstract class CancellationTests(SdkGateway gateway)
{
    private const string EndlessStream = "+chunks=100000+delay=5";

    /// <summary>.NET's HTTP client reads on for up to 2 s after it was told to stop, in the hope of reusing the connection; only then is the caller gone.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly ChatMessage[] Question = [new UserChatMessage("Talk for hours.")];

    [Fact]
    public async Task CompleteChatStreaming_TokenCancelled_StopsTheProviderAndBillsWhatWasDelivered()
    {
        var calls = new CallLog();
        var chat = gateway.Client(calls).GetChatClient("sim:cancelled" + EndlessStream);
        var before = gateway.Gateway.Upstream.State.Aborts;
        using var cancellation = new CancellationTokenSource();

        var reading = async () =>
        {
            await foreach (var update in chat.CompleteChatStreamingAsync(Question, cancellationToken: cancellation.Token))
            {
                if (update.ContentUpdate.Count > 0)
                {
                    await cancellation.CancelAsync();
                }
            }
        };

        await reading.Should().ThrowAsync<OperationCanceledException>();
        await gateway.Gateway.Upstream.State.WaitForAsync(state => state.Aborts > before, Soon);
        var record = await gateway.AwaitRecordAsync(calls);
        record.GetProperty("status").GetString().Should().Be("aborted");
        record.GetProperty("usageSource").GetString().Should().Be("estimated");
        record.GetProperty("promptTokens").GetInt64().Should().BePositive();
        record.GetProperty("completionTokens").GetInt64().Should().BeInRange(1, 10_000, "only what was delivered is billed");
    }

    [Fact]
    public async Task CompleteChatStreaming_LoopLeftEarly_StopsTheProvider()
    {
        var calls = new CallLog();
        var chat = gateway.Client(calls).GetChatClient("sim:left" + EndlessStream);
        var before = gateway.Gateway.Upstream.State.Aborts;
        var seen = 0;

        await foreach (var _ in chat.CompleteChatStreamingAsync(Question))
        {
            if (++seen == 3)
            {
                break;
            }
        }

        await gateway.Gateway.Upstream.State.WaitForAsync(state => state.Aborts > before, Soon);
        (await gateway.AwaitRecordAsync(calls)).GetProperty("status").GetString().Should().Be("aborted");
    }

    [Fact]
    public async Task CompleteChat_CancelledBeforeTheAnswer_StopsTheProviderAndCostsThePrompt()
    {
        var account = await gateway.Gateway.CreateAccountAsync();
        var chat = gateway.Client(key: account.Key).GetChatClient("sim:silent+hang=1");
        var before = gateway.Gateway.Upstream.State.Aborts;
        using var cancellation = new CancellationTokenSource();

        var call = chat.CompleteChatAsync(Question, cancellationToken: cancellation.Token);
        await gateway.Gateway.Upstream.State.WaitForAsync(state => state.CallsOf("silent+hang=1") > 0, TimeSpan.FromSeconds(10));
        await cancellation.CancelAsync();

        var waiting = async () => await call;
        await waiting.Should().ThrowAsync<OperationCanceledException>();
        await gateway.Gateway.Upstream.State.WaitForAsync(state => state.Aborts > before, Soon);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "aborted", UsageSource = "estimated", CompletionTokens = 0 });
    }

    [Collection(SqliteSdkCollection.Name)]
    public sealed class Sqlite(SqliteSdkGateway gateway) : CancellationTests(gateway);

    [Collection(PostgresSdkCollection.Name)]
    public sealed class Postgres(PostgresSdkGateway gateway) : CancellationTests(gateway);
}
