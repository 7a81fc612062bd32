using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class AskedToolTests
{
    [Theory]
    [InlineData("""[{"type":"web_search"}]""", "web_search")]
    [InlineData("""[{"type":"function","function":{"name":"f"}},{"type":"code_interpreter","container":{"type":"auto"}}]""", "code_interpreter")]
    [InlineData("""[{"type":"builtin_function","function":{"name":"$web_search"}}]""", "$web_search")]
    [InlineData("""[{"function":{"name":"$web_search"},"type":"builtin_function"}]""", "$web_search")]
    [InlineData("""[{"type":"function","function":{"name":"\u0024web_search"}}]""", "$web_search")]
    [InlineData("""[{"type":"function","type":"mcp"}]""", "mcp")]
    [InlineData("""[{"type":"mcp","type":"function","function":{"name":"f"}}]""", "mcp")]
    [InlineData("""[{"typ\u0065":"file_search"}]""", "file_search")]
    [InlineData("""[{"Type":"file_search"}]""", "file_search")]
    [InlineData("""[{"type":"Function"}]""", "Function")]
    [InlineData("""[{"google_search":{}}]""", "google_search")]
    [InlineData("""[{"type":null,"googleSearch":{"x":1}}]""", "googleSearch")]
    [InlineData("""{"type":"web_search_20250305","name":"web_search"}""", "web_search_20250305")]
    [InlineData("""[[{"type":"function"}],1,"x",null,{"type":"retrieval"}]""", "retrieval")]
    public void TryRead_ToolOfTheProvider_IsFound(string tools, string name) =>
        Read($"{{\"model\":\"m\",\"tools\":{tools}}}").Tools.Should().ContainSingle().Which.Name.Should().Be(name);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[{}]")]
    [InlineData("\"auto\"")]
    [InlineData("""[{"type":"function","function":{"name":"web_search","parameters":{"type":"object","properties":{"type":{"type":"web_search"}}}}}]""")]
    [InlineData("""[{"function":{"name":"f"}}]""")]
    [InlineData("""[{"type":"custom","custom":{"name":"c"}}]""")]
    [InlineData("""[{"name":"f","input_schema":{"type":"object"}}]""")]
    [InlineData("""[{"type":"bash_20250124","name":"bash"},{"type":"text_editor_20250728","name":"e"}]""")]
    public void TryRead_ToolOfTheCaller_IsNone(string tools) => Read($"{{\"model\":\"m\",\"tools\":{tools}}}").Tools.Should().BeEmpty();

    [Fact]
    public void TryRead_ToolWithMaxUses_KeepsThem() =>
        Read("""{"model":"m","tools":[{"type":"web_search","max_uses":9},{"type":"web_search","max_uses":3}]}""").Tools.Should().Equal(new AskedTool("web_search", 9));

    [Theory]
    [InlineData("\"modalities\":[\"text\"]", false, false)]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", true, false)]
    [InlineData("\"modalities\":\"audio\"", true, false)]
    [InlineData("\"modalities\":[\"IMAGE\"]", false, true)]
    [InlineData("\"response_modalities\":[\"im\\u0061ge\"]", false, true)]
    [InlineData("\"audio\":{\"voice\":\"a\"}", true, false)]
    [InlineData("\"audio\":null", false, false)]
    public void TryRead_Modalities_SayWhatTheAnswerMayHold(string member, bool audio, bool images)
    {
        var envelope = Read($"{{\"model\":\"m\",{member}}}");

        (envelope.AsksAudio, envelope.AsksImages, envelope.Tools.Length).Should().Be((audio, images, 0));
    }

    [Fact]
    public void TryRead_UnknownModality_IsWorkOfTheProvider() => Read("""{"model":"m","modalities":["video"]}""").Tools.Should().ContainSingle().Which.Name.Should().Be("video");

    [Fact]
    public void TryRead_MoreToolsThanReason_AreRefused()
    {
        var tools = string.Join(',', Enumerable.Range(0, 30).Select(i => $"{{\"type\":\"t{i}\"}}"));

        RequestReader.TryRead(Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"tools\":[{tools}]}}"), ApiOperation.ChatCompletions, out _, out var error).Should().BeFalse();

        error!.Param.Should().Be("tools");
    }

    [Theory]
    [InlineData("{\"web_search_options\":{}}", "web_search_options")]
    [InlineData("{\"x\":{\"plugins\":[1]},\"plugins\":[{\"id\":\"web\"}],\"enable_search\":true}", "plugins,enable_search")]
    [InlineData("{\"enable_se\\u0061rch\":1,\"ENABLE_SEARCH\":true}", "enable_search")]
    [InlineData("{\"web_search_options\":null,\"plugins\":[ ],\"enable_search\":false}", "")]
    [InlineData("{\"enable_search\":0}", "")]
    public void Asked_Fields_AreThoseWithAValueThatAsks(string body, string expected) =>
        FieldValues.Asked(Encoding.UTF8.GetBytes(body), ["web_search_options", "plugins", "enable_search"]).Should().Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries));

    private static RequestEnvelope Read(string body)
    {
        RequestReader.TryRead(Encoding.UTF8.GetBytes(body), ApiOperation.ChatCompletions, out var envelope, out var error);
        error.Should().BeNull(body);
        return envelope!;
    }
}
