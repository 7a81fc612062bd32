using System.Net;
using System.Text;
using System.Text.Json;

namespace MixGateway.Tests.Simulator;

public sealed class ChatJsonTests
{
    [Fact]
    public async Task Answer_PlainModel_IsTheFixedTextWithUsage()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(SimulatorClient.Chat("org/model:free"));

        answer.GetProperty("object").GetString().Should().Be("chat.completion");
        answer.GetProperty("model").GetString().Should().Be("org/model:free");
        JsonElement choice = answer.GetProperty("choices")[0];
        choice.GetProperty("message").GetProperty("content").GetString().Should().Be("Hello from the simulator.");
        choice.GetProperty("finish_reason").GetString().Should().Be("stop");
        answer.GetProperty("usage").GetRawText().Should().Be("""{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}""");
    }

    [Theory]
    [InlineData("plain words here")]
    [InlineData("  \"quoted\"\n\tand 你好 \\ 🎉 ")]
    public async Task Answer_Echo_IsTheLastUserMessage(string text)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(SimulatorClient.Chat("echo", text: text));

        ContentOf(answer).Should().Be(text);
    }

    [Fact]
    public async Task Answer_EchoOfParts_JoinsTheirTexts()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(
            """{"model":"echo","messages":[{"role":"user","content":[{"type":"text","text":"a b"},{"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":" c"}]},{"role":"assistant","content":"no"}]}""");

        ContentOf(answer).Should().Be("a b c");
    }

    [Theory]
    [InlineData("s+prompt=11+completion=5+cached=4+cachewrite=2+reasoning=3", """{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}""")]
    [InlineData("s+prompt=11+completion=5+cached=4+usagestyle=deepseek", """{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":7}""")]
    [InlineData("s+usage=zero+prompt=11", """{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}""")]
    [InlineData("s+usage=last+chunks=9+choices=2", """{"prompt_tokens":3,"completion_tokens":18,"total_tokens":21}""")]
    public async Task Usage_Scripted_IsReportedAsAsked(string model, string usage)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(SimulatorClient.Chat(model));

        answer.GetProperty("usage").GetRawText().Should().Be(usage);
    }

    [Fact]
    public async Task Usage_Never_IsAbsent()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(SimulatorClient.Chat("s+usage=never"));

        answer.TryGetProperty("usage", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Answer_WithToolsAndReasoning_HasBoth()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(
            SimulatorClient.Chat("s+tools=3+reasoningtext=2", ""","tools":[{"type":"function","function":{"name":"find"}}]"""));

        JsonElement choice = answer.GetProperty("choices")[0];
        choice.GetProperty("finish_reason").GetString().Should().Be("tool_calls");
        JsonElement message = choice.GetProperty("message");
        message.GetProperty("content").ValueKind.Should().Be(JsonValueKind.Null);
        message.GetProperty("reasoning_content").GetString().Should().Be("thought thought");
        JsonElement function = message.GetProperty("tool_calls")[0].GetProperty("function");
        function.GetProperty("name").GetString().Should().Be("find");
        function.GetProperty("arguments").GetString().Should().Be("""{"steps":[1,2,3]}""");
    }

    [Theory]
    [InlineData("s", """,  "n":3""", 3)]
    [InlineData("s+choices=2", """,  "n":3""", 2)]
    [InlineData("s", """,  "n":-3""", 1)]
    public async Task Choices_ScriptBeforeRequest_AreAnswered(string model, string extra, int expected)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(SimulatorClient.Chat(model, extra));

        answer.GetProperty("choices").GetArrayLength().Should().Be(expected);
    }

    [Fact]
    public async Task Model_ReportedOrNull_IsWhatTheScriptSays()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement dated = await client.PostForJsonAsync(SimulatorClient.Chat("gpt-4o+model=gpt-4o-2024-08-06"));
        JsonElement none = await client.PostForJsonAsync(SimulatorClient.Chat("gpt-4o+modelnull=1"));

        dated.GetProperty("model").GetString().Should().Be("gpt-4o-2024-08-06");
        none.GetProperty("model").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("s+big=3000000")]
    [InlineData("s+big=3000000+pretty=1")]
    public async Task Answer_Big_HasExactlyThatSize(string model)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Chat(model));
        byte[] body = await response.Content.ReadAsByteArrayAsync();

        response.Content.Headers.ContentLength.Should().Be(3_000_000);
        body.Length.Should().Be(3_000_000);
        JsonDocument.Parse(body).RootElement.GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().Be(7);
    }

    [Fact]
    public async Task Answer_Pretty_HasModelAfterUsage()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Chat("s+pretty=1"));
        string body = await response.Content.ReadAsStringAsync();

        body.Should().Contain("\n  \"usage\": {").And.EndWith("\"model\": \"s+pretty=1\"\n}");
    }

    [Theory]
    [InlineData("s+jsonchunked=1")]
    [InlineData("s+jsonchunked=1+fragment=3")]
    public async Task Answer_JsonChunked_HasNoLength(string model)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        string raw = await client.ExchangeRawAsync(SimulatorClient.Chat(model));

        raw.Should().Contain("Transfer-Encoding: chunked").And.NotContain("Content-Length");
    }

    [Fact]
    public async Task Answer_Text_IsTheOlderForm()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync("""{"model":"echo","prompt":"say this"}""", "completions");

        answer.GetProperty("object").GetString().Should().Be("text_completion");
        answer.GetProperty("choices")[0].GetProperty("text").GetString().Should().Be("say this");
        answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().Should().Be(2);
    }

    [Theory]
    [InlineData("{", null)]
    [InlineData("[]", null)]
    [InlineData("{}", null)]
    [InlineData("""{"model":"s+chunks=x"}""", "model")]
    public async Task Request_NotUnderstood_Is400(string body, string? param)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(body);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        error.RootElement.GetProperty("error").GetProperty("param").GetString().Should().Be(param);
    }

    [Fact]
    public async Task Request_WithALoneSurrogate_IsAnswered()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync("""{"model":"sim","messages":[{"role":"user","content":"\ud800"}]}""");

        ContentOf(answer).Should().Be("Hello from the simulator.");
    }

    [Fact]
    public async Task Answer_OfGivenSize_HasThatContent()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(SimulatorClient.Chat("s+size=1048577+text=é"));

        Encoding.UTF8.GetByteCount(ContentOf(answer)!).Should().Be(1_048_577);
    }

    private static string? ContentOf(JsonElement answer) =>
        answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
}
