using System.Text;
using MixGateway.Forwarding;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

/// <summary>What a prompt is counted as of which a sample was kept.</summary>
public sealed class TokenEstimatorTests
{
    private const string Words = "The quick brown fox jumps over the lazy dog, again and again. ";
    private const string Picture = """{"type":"image_url","image_url":{"url":"data:image/png;base64,PICTURE"}}""";

    private static readonly TokenEstimator Estimator = new();

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"TEXT"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"TEXT"}]}],"temperature":1}""")]
    [InlineData("""{"model":"m","prompt":"TEXT"}""")]
    [InlineData("""{"model":"m","input":["TEXT"]}""")]
    [InlineData("""{ "model" : "m" , "prompt" : [ "short" , "TEXT" ] }""")]
    public void CountPrompt_OneLongTextBeyondTheSample_IsScaledFromItsBeginning(string form)
    {
        var text = string.Concat(Enumerable.Repeat(Words, 5000));
        var body = Encoding.UTF8.GetBytes(form.Replace("TEXT", text, StringComparison.Ordinal));
        var whole = CountWhole(body);

        whole.Should().BeInRange(60_000, 85_000);
        CountSample(body).Should().BeInRange((long)(whole * 0.95), (long)(whole * 1.05));
    }

    [Fact]
    public void CountPrompt_EscapedText_IsScaledByWhatItMeans()
    {
        var text = string.Concat(Enumerable.Repeat("你好，世界。", 20_000));
        var plain = Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":"{{text}}"}]}""");
        var escaped = Encoding.UTF8.GetBytes(
            $$"""{"messages":[{"role":"user","content":"{{string.Concat(text.Select(c => $"\\u{(int)c:x4}"))}}"}]}""");

        CountSample(escaped).Should().BeInRange((long)(CountWhole(plain) * 0.95), (long)(CountWhole(plain) * 1.05));
    }

    /// <summary>A picture of megabytes must not make the text before it weigh as much.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void CountPrompt_ShortTextAndALargePicture_IsTheTextAndOnePicture(int words)
    {
        var text = string.Concat(Enumerable.Repeat(Words, words));
        var picture = Picture.Replace("PICTURE", new string('A', 4 * 1024 * 1024), StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":[{"type":"text","text":"{{text}}"},{{picture}}]}]}""");
        var alone = Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":[{"type":"text","text":"{{text}}"}]}]}""");

        var picturesTokens = CountSample(body) - CountWhole(alone);

        picturesTokens.Should().BeInRange(250, 300);
        CountWhole(body).Should().BeCloseTo(CountSample(body), 20);
    }

    [Fact]
    public void CountPrompt_PicturesBeyondTheSample_CountEach()
    {
        var picture = Picture.Replace("PICTURE", new string('A', 100_000), StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":[{{string.Join(',', Enumerable.Repeat(picture, 10))}},{"type":"text","text":"What are these?"}]}]}""");

        CountSample(body).Should().BeInRange(2550, 2700);
    }

    /// <summary>What the meter takes for a picture is none of the text, whichever the request.</summary>
    [Theory]
    [InlineData(nameof(ApiOperation.Embeddings), """{"input":[{"image":"data:image/png;base64,PICTURE"},{"text":"Hi"}]}""")]
    [InlineData(nameof(ApiOperation.ChatCompletions), """{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"PICTURE"}},{"type":"text","text":"Hi"}]}]}""")]
    public void CountPrompt_MediaOfAnyOperation_AreNoText(string name, string form)
    {
        var operation = Enum.Parse<ApiOperation>(name);
        var body = Encoding.UTF8.GetBytes(form.Replace("PICTURE", new string('A', 1 << 20), StringComparison.Ordinal));
        RequestReader.TryRead([.. "{\"model\":\"m\","u8, .. body.AsSpan(1)], operation, out var envelope, out _).Should().BeTrue();

        Estimator.CountPrompt(body, new PromptSize(envelope!.TextBytes, envelope.MediaItems, operation)).Should().BeInRange(250, 300);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("\\u12")]
    [InlineData("é")]
    public void CountPrompt_SampleCutAnywhere_IsCounted(string end)
    {
        byte[] body = [.. Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":"{{Words}}{{end}}""")];
        for (var length = 1; length <= body.Length; length++)
        {
            Estimator.CountPrompt(body.AsSpan(0, length), new PromptSize(length, 0)).Should().BeInRange(0, length + 10);
        }
    }

    private static long CountWhole(byte[] body) => Estimator.CountPrompt(body, SizeOf(body));

    private static long CountSample(byte[] body) => Estimator.CountPrompt(body.AsSpan(0, RequestBody.SampleLength), SizeOf(body));

    private static PromptSize SizeOf(byte[] body)
    {
        RequestReader.TryRead([(byte)'{', .. "\"model\":\"m\","u8, .. body.AsSpan(body.AsSpan().IndexOf((byte)'{') + 1)], ApiOperation.ChatCompletions, out var envelope, out var error)
            .Should().BeTrue("{0}", error?.Message);
        return new PromptSize(envelope!.TextBytes, envelope.MediaItems);
    }

    /// <summary>The tokenizer alone takes time that grows with the square of a word's length.</summary>
    [Theory]
    [InlineData("a", 65_000)]
    [InlineData("aB3", 20_000)]
    [InlineData("汉", 20_000)]
    [InlineData("😀", 15_000)]
    public void CountAnswer_WordWithoutEnd_IsCountedInSlices(string letter, int times)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(letter, times)));
        var estimator = new TokenEstimator();

        estimator.CountAnswer(text, text.Length).Should().BeInRange(text.Length / 16, text.Length);
    }

    [Fact]
    public void CountAnswer_LongText_CountsAsTheTokenizerDoes()
    {
        var text = string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog, 42 times.\n", 200));
        var whole = Microsoft.ML.Tokenizers.TiktokenTokenizer.CreateForEncoding("o200k_base").CountTokens(text);

        new TokenEstimator().CountAnswer(Encoding.UTF8.GetBytes(text), text.Length).Should().Be(whole);
    }
}
