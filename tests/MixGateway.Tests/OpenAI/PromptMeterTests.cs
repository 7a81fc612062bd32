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

        var envelope = Read(Body);

        envelope.TextBytes.Should().Be(Body.Length);
        envelope.MediaItems.Should().Be(0);
    }

    [Fact]
    public void TextBytes_EscapedText_CountsAsWhatItMeans()
    {
        var plain = Read($$"""{"model":"m","messages":[{"role":"user","content":"{{Repeat("你", 1000)}}"}]}""").TextBytes;
        var escaped = Read($$"""{"model":"m","messages":[{"role":"user","content":"{{Repeat("\\u4f60", 1000)}}"}]}""").TextBytes;

        escaped.Should().BeCloseTo(plain, 10).And.BeGreaterThanOrEqualTo(3000);
    }

    [Theory]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image/png;base64,@"}}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image\/png;base64,@"}}""")]
    [InlineData("""{"type":"image_url","image_url":"DATA:image/png;base64,@"}""")]
    [InlineData("""{"type":"image_url","image_url":["data:image/webp;base64,@"]}""")]
    [InlineData("""{"im\u0061ge_url":{"url":"data:image/png;base64,@","detail":"high"}}""")]
    [InlineData("""{"Image_URL":{"URL":"data:image/png;base64,@"}}""")]
    [InlineData("""{"type":"input_image","image_url":"data:image/jpeg;base64,@"}""")]
    [InlineData("""{"type":"image","source":{"type":"base64","media_type":"image/png","data":"@"}}""")]
    [InlineData("""{"type":"tool_result","content":[{"type":"image","source":{"data":"@"}}]}""")]
    [InlineData("""{"image":"@"}""")]
    public void Media_PictureInTheRequest_CountsItsBytes(string part)
    {
        var envelope = Read(Message(part));

        (envelope.Images, envelope.MediaReferences, envelope.ImageTokens).Should().Be((1, 0, Megabyte));
        envelope.TextBytes.Should().BeLessThan(300);
    }

    [Theory]
    [InlineData("data:image/png;base64,iVBORw0KGgo=")]
    [InlineData("data:image/svg+xml,%3Csvg/%3E")]
    public void Media_SmallPicture_CountsTheLeast(string address)
    {
        var envelope = Read(Message($$$"""{"type":"image_url","image_url":{"url":"{{{address}}}"}}"""));

        (envelope.Images, envelope.MediaReferences, envelope.ImageTokens).Should().Be((1, 0, PromptMeter.LeastImageTokens));
    }

    [Theory]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"@","format":"wav"}}""")]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,@"}}""")]
    [InlineData("""{"type":"file","file":{"file_data":"@"}}""")]
    [InlineData("""{"type":"input_file","file_data":"@"}""")]
    [InlineData("""{"type":"video","video":["data:image/png;base64,@","data:image/png;base64,@"]}""")]
    [InlineData("""{"type":"video_url","video_url":{"url":"data:video/mp4;base64,@"}}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:application/pdf;base64,@"}}""")]
    [InlineData("""{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"@"}}""")]
    [InlineData("""{"source":{"data":"@"},"type":"image"}""")]
    [InlineData("""{"type":"audio_url","audio_url":"data:audio/mp3;base64,@"}""")]
    public void Media_FileVideoOrRecordingInTheRequest_IsOneReferenceAndNoText(string part)
    {
        var envelope = Read(Message(part));

        (envelope.Images, envelope.MediaReferences).Should().Be((0, 1));
        envelope.TextBytes.Should().BeLessThan(300);
    }

    [Theory]
    [InlineData("""{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}""")]
    [InlineData("""{"type":"image_url","image_url":{"file_id":"file-abc"}}""")]
    [InlineData("""{"type":"image_url","image_url":"gs://bucket/a.png"}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"iVBORw0KGgo"}}""")]
    [InlineData("""{"type":"file","file":{"file_id":"file-abc"}}""")]
    [InlineData("""{"type":"file","file":"file-abc"}""")]
    [InlineData("""{"type":"input_file","file_url":"https://example.com/a.pdf"}""")]
    [InlineData("""{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}""")]
    [InlineData("""{"type":"document_url","document_url":"https://example.com/a.pdf"}""")]
    [InlineData("""{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}""")]
    [InlineData("""{"type":"image","type":"document"}""")]
    public void Media_ByAddressOrId_IsOneReference(string part)
    {
        var envelope = Read(Message(part));

        (envelope.Images, envelope.MediaReferences).Should().Be((0, 1));
    }

    [Fact]
    public void Media_EarlierSpokenAnswer_IsOneReference() =>
        Read("""{"model":"m","messages":[{"role":"assistant","audio":{"id":"audio_1"}}]}""").MediaReferences.Should().Be(1);

    [Fact]
    public void Media_PicturesOfAnEarlierAnswer_AreNoText()
    {
        var envelope = Read($$$"""{"model":"m","messages":[{"role":"assistant","content":"x","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Base64}}}"}}]}]}""");

        (envelope.Images, envelope.ImageTokens).Should().Be((1, Megabyte));
        envelope.TextBytes.Should().BeLessThan(300);
    }

    [Theory]
    [InlineData("""{"image":"data:image/png;base64,@"}""", 1, 0)]
    [InlineData("""{"image":"https://example.com/a.png"}""", 0, 1)]
    [InlineData("""{"pdf":"@"}""", 0, 1)]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image/png;base64,@"}}""", 1, 0)]
    [InlineData("""{"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,@"}}]}""", 1, 0)]
    public void Media_OfAnEmbedding_AreParts(string part, int images, int references)
    {
        var body = $$"""{"model":"m","input":[{{part.Replace("@", Base64, StringComparison.Ordinal)}},"text"]}""";

        var envelope = Read(body, ApiOperation.Embeddings);

        (envelope.Images, envelope.MediaReferences).Should().Be((images, references));
        envelope.TextBytes.Should().BeLessThan(300);
        Read(body).TextBytes.Should().BeGreaterThan(images * Megabyte, "a chat has no such member");
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"data:image/png;base64,@"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"@"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"data:image/png;base64,@"}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":["data:image/png;base64,@"]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","note":"data:image/png;base64,@"}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x","url":"data:image/png;base64,@"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x","image_url":{"url":"data:image/png;base64,@"}}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"@"}}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"image_url":{"url":"data:@"}}}}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"detail":"data:image/png;base64,@"}}]}]}""")]
    [InlineData("""{"model":"m","messages":{"content":[{"image_url":"data:image/png;base64,@"}]}}""")]
    [InlineData("""{"model":"m","input":"@"}""")]
    [InlineData("""{"model":"m","prompt":"@"}""")]
    [InlineData("""{"model":"m","image":"data:image/png;base64,@"}""")]
    [InlineData("""{"model":"m","metadata":{"image_url":{"url":"data:image/png;base64,@"}}}""")]
    [InlineData("""{"model":"m","tools":[{"type":"function","function":{"parameters":{"examples":[{"url":"data:@"}]}}}]}""")]
    [InlineData("""{"model":"m","system":"data:@"}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","cont\u0065nt":"data:@"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"image":"data:@"}}]}]}""")]
    public void Media_WhatAProviderReadsAsText_IsText(string body)
    {
        var envelope = Read(body.Replace("@", Base64, StringComparison.Ordinal));

        envelope.TextBytes.Should().BeGreaterThan(Base64.Length);
        envelope.MediaItems.Should().Be(0);
    }

    [Fact]
    public void Media_OfTheOlderCompletions_AreText() =>
        Read(Message($$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Base64}}}"}}"""), ApiOperation.Completions).TextBytes.Should().BeGreaterThan(Base64.Length);

    [Fact]
    public void Media_LongTextForAnAddress_CountsAsTextToo()
    {
        var prose = Repeat("a b ", Megabyte / 4);

        var envelope = Read(Message($$$"""{"type":"image_url","image_url":{"url":"{{{prose}}}"}}"""));

        envelope.TextBytes.Should().BeGreaterThan(Megabyte);
        envelope.MediaReferences.Should().Be(1);
    }

    [Fact]
    public void Media_CitationsOfAnEarlierAnswer_AreText() =>
        Read("""{"model":"m","messages":[{"role":"assistant","content":"x","annotations":[{"url_citation":{"url":"https://example.com"}}]}]}""").MediaItems.Should().Be(0);

    [Fact]
    public void Media_DeepBelowEverything_AreText()
    {
        var part = $$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Base64}}}"}}""";
        for (var i = 0; i < 10; i++)
        {
            part = $$"""{"type":"tool_result","content":[{{part}}]}""";
        }

        Read(Message(part)).TextBytes.Should().BeGreaterThan(Base64.Length);
    }

    private static string Message(string part) => $$"""{"model":"m","messages":[{"role":"user","content":[{{part.Replace("@", Base64, StringComparison.Ordinal)}}]}]}""";

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static RequestEnvelope Read(string body, ApiOperation operation = ApiOperation.ChatCompletions)
    {
        RequestReader.TryRead(Encoding.UTF8.GetBytes(body), operation, out var envelope, out var error);
        error.Should().BeNull();
        return envelope!;
    }
}
