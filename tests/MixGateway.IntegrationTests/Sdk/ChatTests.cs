using System.Text;
using System.Text.Json;
using OpenAI.Chat;

namespace MixGateway.IntegrationTests.Sdk;

/// <summary>Chat through the official .NET SDK; what it is billed is asked right after the answer's end.</summary>
public abstract class ChatTests(SdkGateway gateway)
{
    private static readonly ChatMessage[] Question = [new UserChatMessage("How are you?")];

    [Fact]
    public async Task CompleteChat_WholeAnswer_IsReadAndBilledExactly()
    {
        var calls = new CallLog();
        var chat = gateway.Client(calls).GetChatClient("sim:gpt-like");

        ChatCompletion answer = await chat.CompleteChatAsync(Question);

        answer.Content[0].Text.Should().Be("Hello from the simulator.");
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
        answer.Model.Should().Be("sim:gpt-like");
        answer.Usage.InputTokenCount.Should().Be(3);
        answer.Usage.OutputTokenCount.Should().Be(4);
        var record = await gateway.RecordAsync(calls);
        Texts(record, "status", "usageSource", "model", "cost", "charged").Should().Equal("completed", "reported", "sim:gpt-like", "0.000011", "0.000011");
        record.GetProperty("stream").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task CompleteChat_OptionsOfTheSdk_ReachTheProviderUntouched()
    {
        var chat = gateway.Client().GetChatClient("sim:options");
        var options = new ChatCompletionOptions
        {
            Temperature = 0.25f,
            MaxOutputTokenCount = 77,
            EndUserId = "who 好",
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("shape", BinaryData.FromString("""{"type":"object","properties":{"n":{"type":"number","minimum":1e5}}}""")),
        };

        await chat.CompleteChatAsync([new SystemChatMessage("be brief"), new UserChatMessage("emoji 😀 \u00e9")], options);

        var sent = gateway.Gateway.Upstream.State.LastRequest;
        using var body = JsonDocument.Parse(sent.Body);
        body.RootElement.GetProperty("model").GetString().Should().Be("options");
        body.RootElement.GetProperty("temperature").GetDouble().Should().Be(0.25);
        body.RootElement.GetProperty("max_completion_tokens").GetInt32().Should().Be(77);
        body.RootElement.GetProperty("messages")[1].GetProperty("content").GetString().Should().Be("emoji 😀 é");
        sent.Text.Should().Contain("\"minimum\":1e5");
        sent.Header("authorization").Should().NotContain(gateway.Account.Key);
    }

    [Fact]
    public async Task CompleteChatStreaming_WholeStream_ArrivesInPiecesWithUsageAndIsBilledExactly()
    {
        var calls = new CallLog();
        var chat = gateway.Client(calls).GetChatClient("sim:stream+chunks=12+cached=2+prompt=10");
        var text = new StringBuilder();
        var updates = new List<StreamingChatCompletionUpdate>();

        await foreach (var update in chat.CompleteChatStreamingAsync(Question))
        {
            updates.Add(update);
            text.AppendJoin("", update.ContentUpdate.Select(part => part.Text));
        }

        text.ToString().Should().Be(string.Join(' ', Enumerable.Repeat("token", 12)));
        updates.Should().OnlyContain(update => update.Model == "sim:stream+chunks=12+cached=2+prompt=10");
        updates.Should().ContainSingle(update => update.FinishReason != null).Which.FinishReason.Should().Be(ChatFinishReason.Stop);

        // The SDK always asks for usage, so it has to see the chunk that carries it.
        var usage = updates.Should().ContainSingle(update => update.Usage != null).Which.Usage;
        (usage.InputTokenCount, usage.InputTokenDetails.CachedTokenCount, usage.OutputTokenCount).Should().Be((10, 2, 12));
        var record = await gateway.RecordAsync(calls);
        Texts(record, "status", "usageSource", "cost").Should().Equal("completed", "reported", "0.0000322");
        Numbers(record, "promptTokens", "cachedTokens", "completionTokens").Should().Equal(10, 2, 12);
        record.GetProperty("stream").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task CompleteChat_ToolCalls_AreReadWhole()
    {
        var chat = gateway.Client().GetChatClient("sim:tools+tools=5");

        ChatCompletion answer = await chat.CompleteChatAsync(Question, WithTool());

        answer.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        var call = answer.ToolCalls.Should().ContainSingle().Subject;
        call.FunctionName.Should().Be("read_steps");
        call.FunctionArguments.ToString().Should().Be("""{"steps":[1,2,3,4,5]}""");
    }

    [Fact]
    public async Task CompleteChatStreaming_ToolCalls_AddUpToTheSameArguments()
    {
        var calls = new CallLog();
        var chat = gateway.Client(calls).GetChatClient("sim:tools+tools=5");
        var arguments = new StringBuilder();
        var names = new List<string>();
        ChatFinishReason? finish = null;

        await foreach (var update in chat.CompleteChatStreamingAsync(Question, WithTool()))
        {
            foreach (var piece in update.ToolCallUpdates)
            {
                names.AddRange(piece.FunctionName is { Length: > 0 } name ? [name] : []);
                arguments.Append(piece.FunctionArgumentsUpdate);
            }

            finish = update.FinishReason ?? finish;
        }

        arguments.ToString().Should().Be("""{"steps":[1,2,3,4,5]}""");
        names.Should().Equal("read_steps");
        finish.Should().Be(ChatFinishReason.ToolCalls);
        Texts(await gateway.RecordAsync(calls), "status", "cost").Should().Equal("completed", "0.000013");
    }

    [Fact]
    public async Task CompleteChat_ToolResultsSentBack_ReachTheProvider()
    {
        var client = gateway.Client().GetChatClient("sim:tools+tools=2");
        ChatCompletion answer = await client.CompleteChatAsync(Question, WithTool());

        ChatCompletion second = await gateway.Client().GetChatClient("sim:after-tools").CompleteChatAsync(
            [.. Question, new AssistantChatMessage(answer), new ToolChatMessage(answer.ToolCalls[0].Id, "42")]);

        second.Content[0].Text.Should().Be("Hello from the simulator.");
        using var body = JsonDocument.Parse(gateway.Gateway.Upstream.State.LastRequest.Body);
        body.RootElement.GetProperty("messages")[2].GetProperty("tool_call_id").GetString().Should().Be(answer.ToolCalls[0].Id);
    }

    private static ChatCompletionOptions WithTool() => new()
    {
        Tools = { ChatTool.CreateFunctionTool("read_steps", "Reads steps.", BinaryData.FromString("""{"type":"object","properties":{"steps":{"type":"array"}}}""")) },
    };

    private static string?[] Texts(JsonElement record, params string[] names) => [.. names.Select(name => record.GetProperty(name).GetString())];

    private static long[] Numbers(JsonElement record, params string[] names) => [.. names.Select(name => record.GetProperty(name).GetInt64())];

    [Collection(SqliteSdkCollection.Name)]
    public sealed class Sqlite(SqliteSdkGateway gateway) : ChatTests(gateway);

    [Collection(PostgresSdkCollection.Name)]
    public sealed class Postgres(PostgresSdkGateway gateway) : ChatTests(gateway);
}
