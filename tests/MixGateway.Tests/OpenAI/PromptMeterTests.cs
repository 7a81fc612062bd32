using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class PromptMeterTests
{
    private const int Megabyte = 1 << 20;

    private static readonly string Base64 = Convert.ToBase64String(Enumerable.Range(0, Megabyte).Select(i => (byte)(i * 31)).ToArray());

    [Fact]
    public void TextBytes_CompactTextOnlyRequest_IsTheBody()
    {
        const string Body = """{"model":"m","messages":[{"role":"user","content":"Hi"}],"n":1,"x":[1,2,{"a":null}]}""";

        var (text, media) = Measure(Body);

        text.Should().Be(Body.Length);
        media.Should().Be(0);
    }

    [Fact]
    public void TextBytes_EscapedText_CountsAsWhatItMeans()
    {
        var plain = Measure($$"""{"model":"m","messages":[{"role":"user","content":"{{Repeat("你", 1000)}}"}]}""").Text;
        var escaped = Measure($$"""{"model":"m","messages":[{"role":"user","content":"{{Repeat("\\u4f60", 1000)}}"}]}""").Text;

        escaped.Should().BeCloseTo(plain, 10).And.BeGreaterThanOrEqualTo(3000);
    }

    [Theory]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image/png;base64,@"}}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image\/png;base64,@"}}""")]
    [InlineData("""{"type":"image_url","image_url":"DATA:image/png;base64,@"}""")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"@","format":"wav"}}""")]
    [InlineData("""{"type":"file","file":{"file_data":"data:application/pdf;base64,@"}}""")]
    [InlineData("""{"type":"video","frames":["@"]}""")]
    [InlineData("""{"image":"@"}""")]
    public void Media_InlinePayload_IsOneItemAndNoText(string part)
    {
        var body = $$"""{"model":"m","messages":[{"role":"user","content":[{{part.Replace("@", Base64, StringComparison.Ordinal)}}]}]}""";

        var (text, media) = Measure(body);

        media.Should().Be(1);
        text.Should().BeLessThan(300);
    }

    [Theory]
    [InlineData("""{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}""")]
    [InlineData("""{"type":"file","file":{"file_id":"file-abc"}}""")]
    [InlineData("""{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}""")]
    public void Media_Reference_IsOneItem(string part) =>
        Measure($$"""{"model":"m","messages":[{"role":"user","content":[{{part}}]}]}""").Media.Should().Be(1);

    [Fact]
    public void Media_EarlierSpokenAnswer_IsOneItem() =>
        Measure("""{"model":"m","messages":[{"role":"assistant","audio":{"id":"audio_1"}}],"audio":{"voice":"a"}}""").Media.Should().Be(1);

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"data:,@"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"@"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"@"}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"@"}}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"url":"@"}}}]}]}""")]
    [InlineData("""{"model":"m","input":"@"}""")]
    [InlineData("""{"model":"m","input":["a","data:@"]}""")]
    [InlineData("""{"model":"m","prompt":"@"}""")]
    [InlineData("""{"model":"m","tools":[{"function":{"parameters":{"examples":[{"url":"data:@"}]}}}]}""")]
    [InlineData("""{"model":"m","system":"data:@"}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","cont\u0065nt":"data:@"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","Content":"data:@"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"x":"data:@"}}]}]}""")]
    public void Media_WhatAProviderReadsAsText_IsText(string body)
    {
        var (text, media) = Measure(body.Replace("@", Base64, StringComparison.Ordinal));

        text.Should().BeGreaterThan(Base64.Length);
        media.Should().Be(0);
    }

    [Fact]
    public void Media_LongTextUnderUrl_CountsAsTextToo()
    {
        var prose = Repeat("a b ", Megabyte / 4);

        var (text, media) = Measure($$"""{"model":"m","messages":[{"role":"user","content":[{"url":"{{prose}}"}]}]}""");

        text.Should().BeGreaterThan(Megabyte);
        media.Should().Be(1);
    }

    [Fact]
    public void Media_ManySmallTextsUnderUrl_WeighAtLeastTheirBytes()
    {
        const int Count = 100;
        var parts = string.Join(',', Enumerable.Repeat($$"""{"url":"{{Repeat("x", 4096)}}"}""", Count));

        var (text, media) = Measure($$"""{"model":"m","messages":[{"role":"user","content":[{{parts}}]}]}""");

        (text + (4096L * media)).Should().BeGreaterThanOrEqualTo(4096L * Count);
    }

    [Fact]
    public void Media_CitationsOfAnEarlierAnswer_AreText() =>
        Measure("""{"model":"m","messages":[{"role":"assistant","content":"x","annotations":[{"url_citation":{"url":"https://example.com"}}]}]}""")
            .Media.Should().Be(0);

    [Fact]
    public void Media_TextAfterAPictureInTheSameList_IsText()
    {
        var (text, media) = Measure($$"""{"model":"m","input":[{"image":"https://example.com"},"{{Base64}}"]}""");

        text.Should().BeGreaterThan(Base64.Length);
        media.Should().Be(1);
    }

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static (long Text, int Media) Measure(string body)
    {
        RequestReader.TryRead(Encoding.UTF8.GetBytes(body), ApiOperation.ChatCompletions, out var envelope, out var error);
        error.Should().BeNull();
        return (envelope!.TextBytes, envelope.MediaItems);
    }
}
