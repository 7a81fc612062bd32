using System.Text;
using System.Text.Json;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class UsageReaderTests
{
    [Theory]
    // OpenAI
    [InlineData("""{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":4}}""", 20, 8, 0, 10, 4)]
    [InlineData("""{"prompt_tokens":20,"completion_tokens":10,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}}""", 20, 0, 0, 10, 0)]
    // a side that is missing follows from the total
    [InlineData("""{"prompt_tokens":8,"total_tokens":8}""", 8, 0, 0, 0, 0)]
    [InlineData("""{"prompt_tokens":10,"total_tokens":30}""", 10, 0, 0, 20, 0)]
    [InlineData("""{"completion_tokens":20,"total_tokens":30}""", 10, 0, 0, 20, 0)]
    // what the sum lacks of the total is output that was not shown
    [InlineData("""{"prompt_tokens":8,"completion_tokens":35,"total_tokens":730}""", 8, 0, 0, 722, 687)]
    [InlineData("""{"prompt_tokens":12,"completion_tokens":40,"total_tokens":152,"completion_tokens_details":{"reasoning_tokens":30}}""", 12, 0, 0, 140, 100)]
    // unless the cache shows that the prompt is counted without it
    [InlineData("""{"prompt_tokens":479,"completion_tokens":373,"total_tokens":14164,"prompt_tokens_details":{"cached_tokens":13312}}""", 13791, 13312, 0, 373, 0)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":10,"cache_read_input_tokens":900}""", 1000, 900, 0, 10, 0)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":10,"total_tokens":1160,"cache_read_input_tokens":900,"cache_creation_input_tokens":150}""", 1150, 900, 150, 10, 0)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":10,"total_tokens":150,"cached_tokens":40}""", 140, 40, 0, 10, 0)]
    // Gemini's own names
    [InlineData("""{"promptTokenCount":100,"cachedContentTokenCount":40,"candidatesTokenCount":10,"thoughtsTokenCount":25,"toolUsePromptTokenCount":5,"totalTokenCount":140}""", 105, 40, 0, 35, 25)]
    [InlineData("""{"promptTokenCount":100,"totalTokenCount":100}""", 100, 0, 0, 0, 0)]
    // Bedrock's
    [InlineData("""{"inputTokens":30,"outputTokens":628,"totalTokens":658,"cacheReadInputTokens":0}""", 30, 0, 0, 628, 0)]
    [InlineData("""{"inputTokens":30,"outputTokens":6,"totalTokens":136,"cacheReadInputTokens":90,"cacheWriteInputTokens":10}""", 130, 90, 10, 6, 0)]
    // DeepSeek
    [InlineData("""{"prompt_tokens":13,"completion_tokens":10,"total_tokens":23,"prompt_cache_hit_tokens":5,"prompt_cache_miss_tokens":8}""", 13, 5, 0, 10, 0)]
    [InlineData("""{"prompt_tokens":13,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":5},"prompt_cache_hit_tokens":5}""", 13, 5, 0, 10, 0)]
    // Moonshot
    [InlineData("""{"prompt_tokens":13,"completion_tokens":10,"cached_tokens":6}""", 13, 6, 0, 10, 0)]
    // Anthropic's own: cached and written ones are beside input_tokens
    [InlineData("""{"input_tokens":3,"output_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":50}""", 153, 100, 50, 10, 0)]
    // a translation of it: they are inside prompt_tokens
    [InlineData("""{"prompt_tokens":153,"completion_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":50}""", 153, 100, 50, 10, 0)]
    // OpenAI's newer API
    [InlineData("""{"input_tokens":50,"output_tokens":10,"input_tokens_details":{"cached_tokens":40},"output_tokens_details":{"reasoning_tokens":3}}""", 50, 40, 0, 10, 3)]
    // OpenRouter
    [InlineData("""{"prompt_tokens":50,"completion_tokens":10,"cost":0.00014,"prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":20},"cost_details":{"x":null}}""", 50, 10, 20, 10, 0)]
    // xAI counts reasoning apart
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"total_tokens":115,"completion_tokens_details":{"reasoning_tokens":100}}""", 10, 0, 0, 105, 100)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":105,"total_tokens":115,"completion_tokens_details":{"reasoning_tokens":100}}""", 10, 0, 0, 105, 100)]
    // parts are never more than the whole
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":9},"completion_tokens_details":{"reasoning_tokens":9}}""", 10, 10, 0, 5, 5)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":9}}""", 10, 6, 4, 5, 0)]
    // a reported zero is a report
    [InlineData("""{"prompt_tokens":0,"completion_tokens":0}""", 0, 0, 0, 0, 0)]
    [InlineData("""{"prompt_tokens":12.0,"completion_tokens":1e1}""", 12, 0, 0, 10, 0)]
    [InlineData("""{"prompt_tok\u0065ns":3,"completion_tokens":2000000000}""", 3, 0, 0, 2000000000, 0)]
    [InlineData("""{"prompt_tokens":1,"prompt_tokens":2,"completion_tokens":1}""", 2, 0, 0, 1, 0)]
    public void TryRead_ProvidersDialects_AreUnderstood(string json, long prompt, long cached, long written, long completion, long reasoning)
    {
        TryRead(json, out var usage).Should().BeTrue();

        (usage with { Quantities = null }).Should().Be(new TokenUsage(prompt, cached, written, completion, reasoning));
    }

    [Theory]
    [InlineData("""{"prompt_tokens":20,"completion_tokens":10,"prompt_tokens_details":{"audio_tokens":5,"image_tokens":4,"text_tokens":11},"completion_tokens_details":{"audio_tokens":6,"rejected_prediction_tokens":2}}""",
        "audio_input 5, image_input 4, text_input 11, audio_output 6, rejected_prediction 2")]
    [InlineData("""{"input_tokens":20,"output_tokens":10,"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":7},"server_tool_use":{"web_search_requests":3,"web_fetch_requests":1}}""",
        "cache_write_1h 7, web_search 3, web_fetch 1")]
    [InlineData("""{"prompt_tokens":20,"completion_tokens":10,"num_search_queries":2,"search_units":4,"cost":0.2,"queue_time":1,"reasoning_tokens":0,"prompt_cache_miss_tokens":20,"citation_tokens":8,"x":"y","z":{"a":1}}""",
        "web_search 2, search_units 4, citation_tokens 8")]
    [InlineData("""{"prompt_tokens":20,"completion_tokens":10,"prompt_tokens_details":{"audio_tokens":0,"video_tokens":3}}""", "video_tokens 3")]
    public void TryRead_QuantitiesBesideTheTokens_AreKept(string json, string expected)
    {
        TryRead(json, out var usage).Should().BeTrue();

        string.Join(", ", usage.Quantities!.Items.Select(item => $"{item.Kind} {item.Count}")).Should().Be(expected);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"total_tokens":30}""")]
    [InlineData("""{"prompt_tokens":null,"completion_tokens":null}""")]
    [InlineData("""{"prompt_tokens":-1,"completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":1.5,"completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":"12","completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":2000000001,"completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":1e400}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":99999999999999999999999999}""")]
    [InlineData("""{"prompt_tokens":[1],"completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":-1}}""")]
    [InlineData("""{"input_tokens":1500000000,"output_tokens":1,"cache_read_input_tokens":1500000000}""")]
    public void TryRead_NoCounts_IsNoReport(string json) => TryRead(json, out _).Should().BeFalse();

    [Theory]
    [InlineData("""{"prompt_tokens":10}""", true, false)]
    [InlineData("""{"completion_tokens":7}""", false, true)]
    [InlineData("""{"prompt_tokens":0,"completion_tokens":0}""", true, true)]
    public void Resolve_SideThatIsAbsent_IsNotZero(string json, bool hasPrompt, bool hasCompletion) =>
        Read(json, isEmbedding: false).Should().BeEquivalentTo(new { HasPrompt = hasPrompt, HasCompletion = hasCompletion });

    [Theory]
    [InlineData("""{"total_tokens":30}""")]
    [InlineData("""{"prompt_tokens":30}""")]
    [InlineData("""{"prompt_tokens":30,"total_tokens":30}""")]
    public void Resolve_Embedding_HasNoCompletion(string json) =>
        Read(json, isEmbedding: true).Should().Be(new ReportedUsage(new TokenUsage(30, 0, 0, 0, 0)));

    private static bool TryRead(string json, out TokenUsage usage)
    {
        var read = Read(json, isEmbedding: false);
        usage = read?.Tokens ?? default;
        return read is not null;
    }

    private static ReportedUsage? Read(string json, bool isEmbedding)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"[{json},7]"));
        reader.Read();
        reader.Read();
        var counts = default(UsageCounts);
        UsageReader.Read(ref reader, ref counts);

        reader.TokenType.Should().Be(JsonTokenType.EndObject);
        reader.Read();
        reader.GetInt32().Should().Be(7, "the reader stands behind the object, readable or not");
        return counts.Resolve(isEmbedding);
    }
}
