using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI.Chat;

namespace MixGateway.IntegrationTests.Sdk;

/// <summary>What the official .NET SDK makes of the gateway's errors.</summary>
public abstract class ErrorTests(SdkGateway gateway)
{
    private static readonly ChatMessage[] Question = [new UserChatMessage("Hi")];

    [Fact]
    public async Task CompleteChat_WrongKey_Throws401AtOnce()
    {
        var calls = new CallLog();
        var chat = gateway.Client(calls, key: "sk-" + new string('0', 48)).GetChatClient("sim:any");

        var error = await FailureOf(chat);

        error.Status.Should().Be(401);
        Error(error).GetProperty("code").GetString().Should().Be("invalid_api_key");
        Body(error).GetProperty("request_id").GetString().Should().Be(calls.Calls.Should().ContainSingle().Subject.RequestId);
    }

    [Fact]
    public async Task CompleteChat_RevokedKey_Throws401AtTheNextCall()
    {
        var account = await gateway.Gateway.CreateAccountAsync();
        var chat = gateway.Client(key: account.Key).GetChatClient("sim:any");
        await chat.CompleteChatAsync(Question);
        using (await gateway.Gateway.Admin.DeleteAsync(new Uri($"/api/v1/keys/{account.KeyId}", UriKind.Relative)))
        {
            var error = await FailureOf(chat);

            error.Status.Should().Be(401);
        }
    }

    [Fact]
    public async Task CompleteChat_UnknownModel_Throws404AtOnce()
    {
        var calls = new CallLog();

        var error = await FailureOf(gateway.Client(calls).GetChatClient("nobody:gpt-9"));

        error.Status.Should().Be(404);
        error.Message.Should().Contain("nobody:gpt-9");
        Error(error).GetProperty("code").GetString().Should().Be("model_not_found");
        Error(error).GetProperty("param").GetString().Should().Be("model");
        calls.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task CompleteChat_MistakeFoundByTheProvider_ThrowsItsStatusWithoutARecordedCharge()
    {
        var calls = new CallLog();

        var error = await FailureOf(gateway.Client(calls).GetChatClient("sim:bad+error=400"));

        error.Status.Should().Be(400);
        var record = await gateway.RecordAsync(calls);
        record.GetProperty("status").GetString().Should().Be("failed");
        record.GetProperty("charged").GetString().Should().Be("0");
    }

    [Fact]
    public async Task CompleteChat_EmptyBalance_Throws402AndTellsTheSdkNotToRepeat()
    {
        var account = await gateway.Gateway.CreateAccountAsync(credit: "0");
        var calls = new CallLog();
        var chat = gateway.Client(calls, account.Key, new AdvisedRetries()).GetChatClient("sim:never-reached");

        var error = await FailureOf(chat);

        error.Status.Should().Be(402);
        Error(error).GetProperty("type").GetString().Should().Be("insufficient_quota");
        Error(error).GetProperty("code").GetString().Should().Be("insufficient_quota");
        calls.Calls.Should().ContainSingle().Which.ShouldRetry.Should().Be("false");
        gateway.Gateway.Upstream.State.CallsOf("never-reached").Should().Be(0);
        (await account.UsageAsync()).Should().BeEmpty("a call that was not admitted has no record");
    }

    [Fact]
    public async Task CompleteChat_ProviderLimitsOnce_SdkWaitsAsToldAndSucceeds()
    {
        var calls = new CallLog();
        var chat = gateway.Client(calls).GetChatClient("sim:limited+error=429+retryafter=1+fail=1");

        ChatCompletion answer = await chat.CompleteChatAsync(Question);

        answer.Content[0].Text.Should().Be("Hello from the simulator.");
        calls.Calls.Select(call => call.Status).Should().Equal(429, 200);
        calls.Calls[0].ShouldRetry.Should().NotBe("false");
    }

    [Fact]
    public async Task CompleteChatStreaming_ProviderBreaksOff_NeverLooksFinished()
    {
        var calls = new CallLog();
        var chat = gateway.Client(calls).GetChatClient("sim:broken+chunks=9+cut=4");
        var updates = new List<StreamingChatCompletionUpdate>();

        // Unlike OpenAI's other SDKs this one passes over the error event: what tells its caller is the missing finish reason.
        await foreach (var update in chat.CompleteChatStreamingAsync(Question))
        {
            updates.Add(update);
        }

        updates.Should().NotBeEmpty().And.OnlyContain(update => update.FinishReason == null && update.Usage == null);
        (await gateway.AwaitRecordAsync(calls)).GetProperty("status").GetString().Should().Be("failed");
    }

    private static async Task<ClientResultException> FailureOf(ChatClient chat)
    {
        var call = async () => await chat.CompleteChatAsync(Question);
        return (await call.Should().ThrowAsync<ClientResultException>()).Which;
    }

    private static JsonElement Body(ClientResultException error) => JsonSerializer.Deserialize<JsonElement>(error.GetRawResponse()!.Content);

    private static JsonElement Error(ClientResultException error) => Body(error).GetProperty("error");

    /// <summary>Repeats as the SDK does, but heeds <c>x-should-retry</c>, as OpenAI's other SDKs do by themselves.</summary>
    private sealed class AdvisedRetries : ClientRetryPolicy
    {
        protected override bool ShouldRetry(PipelineMessage message, Exception? exception) => !Advised(message) && base.ShouldRetry(message, exception);

        protected override async ValueTask<bool> ShouldRetryAsync(PipelineMessage message, Exception? exception) =>
            !Advised(message) && await base.ShouldRetryAsync(message, exception);

        private static bool Advised(PipelineMessage message) =>
            message.Response is { } response && response.Headers.TryGetValue("x-should-retry", out var advice) && advice == "false";
    }

    [Collection(SqliteSdkCollection.Name)]
    public sealed class Sqlite(SqliteSdkGateway gateway) : ErrorTests(gateway);

    [Collection(PostgresSdkCollection.Name)]
    public sealed class Postgres(PostgresSdkGateway gateway) : ErrorTests(gateway);
}
