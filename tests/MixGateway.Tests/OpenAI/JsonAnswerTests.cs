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
        var facts = JsonAnswer.Inspect(body, null);
        var rewritten = new byte[JsonAnswer.RewrittenLength(body, facts, canonical)];

        JsonAnswer.Rewrite(body, facts, canonical, rewritten).Should().Be(rewritten.Length);

        Encoding.UTF8.GetString(rewritten).Should().Be(expected);
    }

    [Fact]
    public void Inspect_ChatAnswer_FindsUsageAndText()
    {
        using var text = new DeliveredText();

        var facts = JsonAnswer.Inspect(
            """{"choices":[{"index":0,"message":{"role":"assistant","content":"H\u00e9","annotations":[{"title":"t"}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":1,"total_tokens":9}}"""u8,
            text);

        facts.Valid.Should().BeTrue();
        facts.HasError.Should().BeFalse();
        facts.HasContent.Should().BeTrue();
        facts.Usage.Should().Be(new TokenUsage(8, 0, 0, 1, 0));
        Encoding.UTF8.GetString(text.Kept).Should().Be("Hé");
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html></html>")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"choices":[{"message":{"content":"cut"}}]""")]
    [InlineData("""{"model":"m"}{}""")]
    public void Inspect_NotOneJsonObject_IsNotValid(string body)
    {
        using var text = new DeliveredText();

        JsonAnswer.Inspect(Encoding.UTF8.GetBytes(body), text).Valid.Should().BeFalse();

        text.TotalBytes.Should().Be(0);
    }

    [Theory]
    [InlineData("""{"error":{"message":"no"}}""", true)]
    [InlineData("""{"error":"no","model":"m"}""", true)]
    [InlineData("""{"error":null,"choices":[{}]}""", false)]
    [InlineData("""{"error":{"message":"no"},"choices":[{}]}""", false)]
    [InlineData("""{"error":{"message":"no"},"data":[]}""", false)]
    public void Inspect_ErrorInAnAnswersPlace_IsSeen(string body, bool expected)
    {
        var facts = JsonAnswer.Inspect(Encoding.UTF8.GetBytes(body), null);

        facts.HasError.Should().Be(expected);
        facts.Error?.Message.Should().Be("no");
    }
}
