using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("a:b/c", "\"a:b/c\"")]
    [InlineData("a\"b\\c\u0001\u001f", "\"a\\\"b\\\\c\\u0001\\u001f\"")]
    [InlineData("<你好\U0001F600>", "\"<你好\U0001F600>\"")]
    [InlineData("", "\"\"")]
    public void Quote_Text_EscapesOnlyWhatItMust(string text, string expected) =>
        Encoding.UTF8.GetString(JsonText.Quote(text)).Should().Be(expected);

    [Property(MaxTest = 500)]
    public void Quote_AnyText_ReadsBack(string? text)
    {
        var wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));

        JsonSerializer.Deserialize<string>(JsonText.Quote(text ?? "")).Should().Be(wellFormed);
    }

    [Property(MaxTest = 500)]
    public void Unescape_AnyEscapedText_IsTheText(string? text)
    {
        var wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")) + "\U0001F600";
        var raw = JsonSerializer.SerializeToUtf8Bytes(wellFormed).AsSpan()[1..^1];
        var meant = new byte[raw.Length];

        var length = JsonText.Unescape(raw, meant, out var exact);

        Encoding.UTF8.GetString(meant, 0, length).Should().Be(wellFormed);
        exact.Should().BeTrue();
        JsonText.UnescapedLength(raw).Should().Be(length);
    }

    [Theory]
    [InlineData("\\ud800", "\uFFFD")]
    [InlineData("\\ud83d\\u0041", "\uFFFDA")]
    [InlineData("\\ude00\\ud83d", "\uFFFD\uFFFD")]
    [InlineData("\\ud83dx", "\uFFFDx")]
    public void Unescape_HalfASurrogatePair_BecomesTheReplacementCharacter(string raw, string expected)
    {
        var meant = new byte[raw.Length];

        var length = JsonText.Unescape(Encoding.UTF8.GetBytes(raw), meant, out var exact);

        Encoding.UTF8.GetString(meant, 0, length).Should().Be(expected);
        exact.Should().BeFalse();
        JsonText.UnescapedLength(Encoding.UTF8.GetBytes(raw)).Should().Be(length);
    }
}
