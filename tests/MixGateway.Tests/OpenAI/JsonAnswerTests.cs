using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class JsonAnswerTests
{
    private const string Canonical = "\"deepseek:deepseek-chat\"";

    [Theory]
    [InlineData("""{"model":"deepseek-chat","choices":[]}""", """{"model":"deepseek:deepseek-chat","choices":[]}""")]
    [InlineData("""{ "choices" : [ {"model":"x"} ] , "mod\u0065l" : null }""", """{ "choices" : [ {"model":"x"} ] , "mod\u0065l" : "deepseek:deepseek-chat" }""")]
    [InlineData("""{"model":{"a":[1]},"x":1e5,"model":7}""", """{"model":"deepseek:deepseek-chat","x":1e5,"model":"deepseek:deepseek-chat"}""")]
    [InlineData("\uFEFF{\"model\":\"m\"}\n", "\uFEFF{\"model\":\"deepseek:deepseek-chat\"}\n")]
    [InlineData("""{"object":"list"}""", """{"object":"list"}""")]
    public void Rewrite_Answer_ChangesOnlyTheModel(string answer, string expected)
    {
        var body = Encoding.UTF8.GetBytes(answer);
        var canonical = Encoding.UTF8.GetBytes(Canonical);
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        var models = JsonAnswer.Read(body, judge);
        var rewritten = new byte[JsonAnswer.RewrittenLength(body, models, canonical)];

        JsonAnswer.Rewrite(body, models, canonical, rewritten).Should().Be(rewritten.Length);

        Encoding.UTF8.GetString(rewritten).Should().Be(expected);
    }

    [Fact]
    public void Read_ChatAnswer_FindsUsageAndText()
    {
        using var judge = Judge("""{"choices":[{"index":0,"message":{"role":"assistant","content":"H\u00e9","annotations":[{"title":"t"}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":1,"total_tokens":9}}""");

        judge.JudgeDocument().Should().Be(AnswerVerdict.Complete);
        judge.ContentSeen.Should().BeTrue();
        judge.Usage.Should().Be(new ReportedUsage(new TokenUsage(8, 0, 0, 1, 0)));
        Encoding.UTF8.GetString(judge.Text.Kept).Should().Be("Hé");
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"a"}}],"x_groq":{"id":"r","usage":{"prompt_tokens":100,"completion_tokens":50}}}""", 100, 50)]
    [InlineData("""{"choices":[{"message":{"content":"a"},"usage":{"prompt_tokens":7,"completion_tokens":3}}]}""", 7, 3)]
    [InlineData("""{"choices":[{"message":{"content":"a"}}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":4}}""", 5, 4)]
    [InlineData("""{"choices":[{"message":{"content":"a"}}],"x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":1}},"usage":{"prompt_tokens":9,"completion_tokens":8}}""", 9, 8)]
    [InlineData("""{"choices":[{"message":{"content":"a"}}],"usage":null,"x_groq":{"usage":{"prompt_tokens":6,"completion_tokens":2}}}""", 6, 2)]
    public void Read_UsageElsewhere_IsFound(string body, long prompt, long completion)
    {
        using var judge = Judge(body);

        judge.Usage.Should().Be(new ReportedUsage(new TokenUsage(prompt, 0, 0, completion, 0)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html></html>")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":null,"usage":{"prompt_tokens":1,"completion_tokens":1}}""")]
    [InlineData("""{"data":[{"embedding":[1]}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"cut"}}]""")]
    [InlineData("""{"model":"m"}{}""")]
    [InlineData("{\"choices\":[{\"message\":{\"content\":\"whole\"}}]}\n\ndata: [DONE]\n\n")]
    public void Read_NoChatAnswer_Fails(string body)
    {
        using var judge = Judge(body);

        judge.JudgeDocument().Should().Be(AnswerVerdict.Failed);
        judge.Failure!.Kind.Should().Be(ProviderFailureKind.Failed);
        judge.Text.TotalBytes.Should().Be(0);
    }

    [Fact]
    public void Read_AnswerOfEmbeddings_NeedsData()
    {
        using var judge = new AnswerJudge(ApiOperation.Embeddings);
        JsonAnswer.Read("""{"data":[{"embedding":[1]}],"usage":{"total_tokens":4}}"""u8, judge);
        using var empty = new AnswerJudge(ApiOperation.Embeddings);
        JsonAnswer.Read("""{"usage":{"total_tokens":4}}"""u8, empty);

        judge.JudgeDocument().Should().Be(AnswerVerdict.Complete);
        judge.Usage!.Value.Tokens.PromptTokens.Should().Be(4);
        empty.JudgeDocument().Should().Be(AnswerVerdict.Failed);
    }

    [Theory]
    [InlineData("""{"error":{"message":"no"}}""", nameof(ProviderFailureKind.Failed))]
    [InlineData("""{"error":"no","model":"m"}""", nameof(ProviderFailureKind.Failed))]
    [InlineData("""{"error":{"message":"no"},"choices":[{}]}""", nameof(ProviderFailureKind.Failed))]
    [InlineData("""{"error":{"message":"no"},"data":[]}""", nameof(ProviderFailureKind.Failed))]
    [InlineData("""{"data":null,"code":400,"message":"no"}""", nameof(ProviderFailureKind.CallersMistake))]
    [InlineData("""{"error":{"message":"no","code":"context_length_exceeded"},"choices":[]}""", nameof(ProviderFailureKind.CallersMistake))]
    [InlineData("""{"error":{"message":"no","code":"429"}}""", nameof(ProviderFailureKind.RateLimited))]
    [InlineData("""{"base_resp":{"status_code":1008,"status_msg":"no"},"choices":null}""", nameof(ProviderFailureKind.Quota))]
    [InlineData("""[{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]""", nameof(ProviderFailureKind.Credential))]
    public void Read_ErrorInAnAnswersPlace_IsJudgedByWhatItSays(string body, string expected)
    {
        using var judge = Judge(body);

        judge.JudgeDocument().Should().Be(AnswerVerdict.Failed);
        judge.Failure!.Kind.ToString().Should().Be(expected);
        judge.Failure.Error!.Message.Should().Be("no");
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"once"},"message":{"content":"once"}}]}""", "once")]
    [InlineData("""{"choices":[{"message":{"content":"all of it"},"delta":{"content":"it"}}]}""", "it")]
    [InlineData("""{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":{"city":"Oslo","n":3}}}]}}]}""", """f{"city":"Oslo","n":3}""")]
    [InlineData("""{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"{\"n\":3}"}}]}}]}""", """f{"n":3}""")]
    [InlineData("""{"choices":[{"message":{"content":"![](data:image/png;base64,AAAABBBB) seen"}}]}""", "![](data:image/png;base64,) seen")]
    [InlineData("""{"choices":[{"message":{"content":"a","images":[{"image_url":{"url":"data:image/png;base64,AAAA"}}]}}]}""", "a")]
    public void Read_Text_IsWhatTheModelWrote(string body, string expected)
    {
        using var judge = Judge(body);

        Encoding.UTF8.GetString(judge.Text.Kept).Should().Be(expected);
        judge.Text.TotalBytes.Should().Be(expected.Length);
    }

    private static AnswerJudge Judge(string body)
    {
        var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        JsonAnswer.Read(Encoding.UTF8.GetBytes(body), judge);
        return judge;
    }
}
