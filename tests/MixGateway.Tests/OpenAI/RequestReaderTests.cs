using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class RequestReaderTests
{
    [Fact]
    public void TryRead_OrdinaryRequest_FindsWhatRoutingAndHoldNeed()
    {
        var envelope = Read("""{"model":"deepseek:deepseek-chat","messages":[],"max_tokens":128,"max_completion_tokens":256,"n":2,"stream":false}""");

        envelope.Model.Should().Be("deepseek:deepseek-chat");
        envelope.Stream.Should().BeFalse();
        envelope.MaxTokens.Should().Be(128);
        envelope.MaxCompletionTokens.Should().Be(256);
        envelope.Choices.Should().Be(2);
        envelope.StreamOptions.Should().Be(StreamOptionsForm.Absent);
    }

    /// <summary>What is written is paid for: each prompt of a list has its own answers, and of best_of only some are shown.</summary>
    [Theory]
    [InlineData("\"prompt\":\"Hi\"", 1)]
    [InlineData("\"prompt\":\"Hi\",\"n\":3", 3)]
    [InlineData("\"prompt\":\"Hi\",\"n\":3,\"best_of\":5", 5)]
    [InlineData("\"best_of\":2,\"n\":3", 3)]
    [InlineData("\"prompt\":[\"a\",\"b\",\"c\"]", 3)]
    [InlineData("\"n\":2,\"prompt\":[\"a\",\"b\",\"c\"],\"best_of\":4", 12)]
    [InlineData("\"prompt\":[1,2,3]", 1)]
    [InlineData("\"prompt\":[[1,2,3],[4,5]]", 2)]
    [InlineData("\"prompt\":[]", 1)]
    public void TryRead_Completion_CountsEveryAnswerThatIsWritten(string members, long choices)
    {
        var body = Encoding.UTF8.GetBytes($"{{\"model\":\"m\",{members}}}");

        RequestReader.TryRead(body, ApiOperation.Completions, out var completion, out _).Should().BeTrue();
        RequestReader.TryRead(body, ApiOperation.ChatCompletions, out var chat, out _).Should().BeTrue();

        completion!.Choices.Should().Be(choices);
        chat!.Choices.Should().Be(choices / completion.Prompts, "there is one prompt, whatever a member of that name holds");
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \n", "empty")]
    [InlineData("\uFEFF", "ends too early, after byte 3")]
    [InlineData("{\"model\":\"m\"", "ends too early, after byte 12")]
    [InlineData("{\"model\":\"m", "ends too early")]
    [InlineData("{\"model\":\"m\"}x", "'x' at byte 13")]
    [InlineData("\uFEFF{\"model\":\"m\"}x", "'x' at byte 16")]
    [InlineData("{\n\"model\":\n'm'}", "''' at byte 11")]
    [InlineData("{\"model\":\"m\"}{}", "'{' at byte 13")]
    [InlineData("{\"model\":\"m\",}", "'}' at byte 13")]
    [InlineData("{\"model\":\"m\"}\0", "byte 0x00 at byte 13")]
    [InlineData("{\"model\":\"a\nb\"}", "byte 0x0a at byte 11")]
    [InlineData("[{\"model\":\"m\"}]", "must be a JSON object")]
    [InlineData("\"model\"", "must be a JSON object")]
    [InlineData("null", "must be a JSON object")]
    public void TryRead_NotOneJsonObject_SaysWhatAndWhere(string body, string expected)
    {
        var error = Refuse(Encoding.UTF8.GetBytes(body));

        error.Status.Should().Be(400);
        error.Type.Should().Be("invalid_request_error");
        error.Param.Should().BeNull();
        error.Code.Should().BeNull();
        error.Message.Should().Contain(expected);
    }

    [Fact]
    public void TryRead_BrokenUtf8InString_NamesTheByte()
    {
        byte[] body = [.. "{\"model\":\"m\",\"x\":\"é"u8, 0xFF, .. "\"}"u8];

        var error = Refuse(body);

        error.Message.Should().Contain("UTF-8").And.Contain("byte 20");
        error.Param.Should().BeNull();
    }

    [Theory]
    [InlineData(512, true)]
    [InlineData(513, false)]
    public void TryRead_NestedDocument_IsReadToTheLimit(int depth, bool readable)
    {
        var nested = depth - 1; // the root is a level
        var body = Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"x\":{new string('[', nested)}{new string(']', nested)}}}");

        RequestReader.TryRead(body, ApiOperation.ChatCompletions, out _, out var error).Should().Be(readable);

        error?.Message.Should().Contain("deeper than 512");
    }

    [Theory]
    [InlineData("{}", "model")]
    [InlineData("""{"messages":[{"model":"m"}]}""", "model")]
    [InlineData("""{"model":null}""", "model")]
    [InlineData("""{"model":1}""", "model")]
    [InlineData("""{"model":["m"]}""", "model")]
    [InlineData("""{"model":{"model":"m"}}""", "model")]
    [InlineData("""{"model":""}""", "model")]
    [InlineData("""{"model":"\ud800"}""", "model")]
    [InlineData("""{"model":"m","stream":"true"}""", "stream")]
    [InlineData("""{"model":"m","stream":1}""", "stream")]
    [InlineData("""{"model":"m","stream":{}}""", "stream")]
    [InlineData("""{"model":"m","stream_options":true}""", "stream_options")]
    [InlineData("""{"model":"m","stream_options":[]}""", "stream_options")]
    [InlineData("""{"model":"m","stream_options":{"include_usage":"true"}}""", "stream_options.include_usage")]
    [InlineData("""{"model":"m","stream_options":{"include_usage":{}}}""", "stream_options.include_usage")]
    [InlineData("""{"model":"m","Model":"m"}""", "Model")]
    [InlineData("""{"Model":"m"}""", "Model")]
    [InlineData("""{"model":"m","STREAM":false}""", "STREAM")]
    [InlineData("""{"model":"m","\u0053tream":false}""", "Stream")]
    [InlineData("""{"model":"m","N":1}""", "N")]
    [InlineData("""{"model":"m","Max_Tokens":1}""", "Max_Tokens")]
    [InlineData("""{"model":"m","Max_completion_tokens":1}""", "Max_completion_tokens")]
    [InlineData("""{"model":"m","stream_options":{"Include_usage":true}}""", "Include_usage")]
    [InlineData("""{"model":"m","max_to\u212Aens":9}""", "max_to\u212Aens")]
    [InlineData("""{"model":"m","\u017Ftream":true}""", "\u017Ftream")]
    [InlineData("""{"model":"m","max_complet\u0131on_tokens":9}""", "max_complet\u0131on_tokens")]
    [InlineData("""{"model":"m","model":"other"}""", "model")]
    [InlineData("""{"model":"m","stream":true,"stream":false}""", "stream")]
    [InlineData("""{"model":"m","n":1,"n":2}""", "n")]
    [InlineData("""{"model":"m","max_tokens":1,"max_tokens":100}""", "max_tokens")]
    [InlineData("""{"model":"m","stream_options":{"include_usage":true,"include_usage":false}}""", "stream_options.include_usage")]
    [InlineData("""{"model":"m","stream_options":null,"stream_options":{}}""", "stream_options")]
    public void TryRead_WrongParameter_IsNamed(string body, string param)
    {
        var error = Refuse(Encoding.UTF8.GetBytes(body));

        error.Status.Should().Be(400);
        error.Type.Should().Be("invalid_request_error");
        error.Param.Should().Be(param);
    }

    [Fact]
    public void TryRead_WrongParameterInBrokenDocument_ReportsTheDocument()
    {
        var error = Refuse("""{"model":1,"x":}"""u8);

        error.Param.Should().BeNull();
        error.Message.Should().Contain("'}' at byte 15");
    }

    [Fact]
    public void TryRead_VeryLongModel_IsRefusedWithoutRepeatingIt()
    {
        var error = Refuse(Encoding.UTF8.GetBytes($"{{\"model\":\"{new string('m', 100_000)}\"}}"));

        error.Param.Should().Be("model");
        error.Message.Length.Should().BeLessThan(300);
    }

    [Fact]
    public void TryRead_EscapedNamesAndValues_CountAsWhatTheyMean()
    {
        var envelope = Read("""{"mod\u0065l":"open\u0061i:\ud83d\ude00\/x\"","\u0073tream":true,"max\u005ftokens":7}""");

        envelope.Model.Should().Be("openai:\U0001F600/x\"");
        envelope.Stream.Should().BeTrue();
        envelope.MaxTokens.Should().Be(7);
    }

    [Fact]
    public void TryRead_SameMemberTwiceWithSameValue_IsTaken()
    {
        var envelope = Read("""{"model":"a","mod\u0065l":"\u0061","stream":true,"stream":true,"n":3,"n":3}""");

        envelope.Model.Should().Be("a");
        envelope.Choices.Should().Be(3);
    }

    [Fact]
    public void TryRead_SameMemberAnyNumberOfTimes_IsRefused()
    {
        var error = Refuse(Encoding.UTF8.GetBytes($"{{{string.Concat(Enumerable.Repeat("\"model\":\"m\",", 1000))}\"n\":1}}"));

        error.Param.Should().Be("model");
        error.Message.Should().Contain("16 times");
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    public void TryRead_Stream_NullIsNo(string json, bool expected) =>
        Read($$"""{"model":"m","stream":{{json}}}""").Stream.Should().Be(expected);

    [Fact]
    public void TryRead_NestedMembersOfTheSameNames_AreNotOurs()
    {
        var envelope = Read("""{"metadata":{"model":"x","stream":true,"Model":1,"n":9},"model":"m","messages":[{"stream":7,"N":1}]}""");

        envelope.Model.Should().Be("m");
        envelope.Stream.Should().BeFalse();
        envelope.Choices.Should().Be(1);
    }

    [Theory]
    [InlineData("models", "models")]
    [InlineData("mod\\u0065ls", "models")]
    [InlineData("MODELS", "models")]
    [InlineData("service_t\\u0131er", "service_tier")]
    [InlineData("modelsx", null)]
    public void TryFindField_FindsWhatTheProviderMayUnderstand(string sent, string? expected)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"a":{"models":[]},"model":"m","{{sent}}":[1]}""");
        RequestReader.TryRead(body, ApiOperation.ChatCompletions, out var envelope, out _);

        envelope!.TryFindField(body, ["route", "models", "service_tier"], out var found).Should().Be(expected is not null);
        found.Should().Be(expected ?? "");
    }

    [Fact]
    public void TryFindField_ManyMembers_LooksAtAllOfThem()
    {
        var many = string.Concat(Enumerable.Range(0, 300).Select(i => $"\"x{i}\":{{\"plugins\":{i}}},"));
        var body = Encoding.UTF8.GetBytes($"{{{many}\"model\":\"m\",\"route\":1}}");
        RequestReader.TryRead(body, ApiOperation.ChatCompletions, out var envelope, out _);

        envelope!.TryFindField(body, ["route"], out var found).Should().BeTrue();
        found.Should().Be("route");
        envelope.TryFindField(body, ["plugins"], out _).Should().BeFalse();
    }

    private static RequestEnvelope Read(string body)
    {
        RequestReader.TryRead(Encoding.UTF8.GetBytes(body), ApiOperation.ChatCompletions, out var envelope, out var error);
        error.Should().BeNull();
        return envelope!;
    }

    private static OpenAIError Refuse(ReadOnlySpan<byte> body)
    {
        RequestReader.TryRead(body, ApiOperation.ChatCompletions, out var envelope, out var error).Should().BeFalse();
        envelope.Should().BeNull();
        return error!;
    }
}
