using System.Text.Json;

namespace MixGateway.IntegrationTests.Sdk.JavaScript;

/// <summary>What OpenAI's SDK for JavaScript makes of the gateway's answers.</summary>
[Collection(SqliteSdkCollection.Name)]
public sealed class JavaScriptSdkTests(SqliteSdkGateway gateway)
{
    [Fact]
    public async Task Sdk_AnswersStreamsAndErrors_AreWhatItExpects()
    {
        var empty = await gateway.Gateway.CreateAccountAsync(credit: "0");
        var seen = JsonSerializer.Deserialize<JsonElement>(
            await JavaScriptSdk.RunAsync("calls.mjs", new Uri(gateway.Gateway.Address, "v1").ToString(), gateway.Account.Key, empty.Key));

        var chat = seen.GetProperty("chat");
        Text(chat, "text").Should().Be("Hello from the simulator.");
        Text(chat, "model").Should().Be("sim:js");
        (await gateway.Gateway.FindUsageAsync(Text(chat, "requestId")!)).Should().NotBeNull();

        var stream = seen.GetProperty("stream");
        Text(stream, "finish").Should().Be("stop");
        stream.GetProperty("usage").ValueKind.Should().Be(JsonValueKind.Null, "it was not asked for");
        var withUsage = seen.GetProperty("streamWithUsage");
        Text(withUsage, "text").Should().Be(Text(stream, "text"));
        withUsage.GetProperty("usage").GetProperty("completion_tokens").GetInt64().Should().Be(7);
        withUsage.GetProperty("chunks").GetInt64().Should().Be(stream.GetProperty("chunks").GetInt64() + 1);

        seen.GetProperty("models").EnumerateArray().Select(static model => model.GetString()).Should().Contain(SdkGateway.ListedModel);
        Failure(seen, "wrongKey").Should().Be(("AuthenticationError", 401, "invalid_api_key", 1));
        Failure(seen, "unknownModel").Should().Be(("NotFoundError", 404, "model_not_found", 1));
        Failure(seen, "emptyBalance").Should().Be(("APIError", 402, "insufficient_quota", 1), "x-should-retry tells it not to repeat");
        Failure(seen, "brokenStream").Code.Should().Be("upstream_error", "the error event is thrown as an error");
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static (string? Name, int? Status, string? Code, int Requests) Failure(JsonElement seen, string name)
    {
        var failure = seen.GetProperty(name);
        failure.ValueKind.Should().Be(JsonValueKind.Object, "{0} has to throw", name);
        var status = failure.GetProperty("status");
        return (Text(failure, "name"), status.ValueKind == JsonValueKind.Null ? null : status.GetInt32(), Text(failure, "code"), failure.GetProperty("requests").GetInt32());
    }
}
