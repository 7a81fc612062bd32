using System.Text;
using FsCheck;
using FsCheck.Xunit;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class JsonAnswerScannerTests
{
    private static readonly byte[] Canonical = Encoding.UTF8.GetBytes(RandomRequest.UpstreamJson);

    [Theory]
    [InlineData("""{"object":"list","data":[{"embedding":[0.1,-2e-5],"model":"x"},"]}\""],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}}""")]
    [InlineData(""" { "usage" : { "prompt_tokens" : 8, "x":"}\"" } , "mod\u0065l" : [ {"a":"]"} ] , "data" : "\\" } """)]
    [InlineData("""{"model":12,"model":null,"usage":{"prompt_tokens":8},"z":true}""")]
    [InlineData("\uFEFF{\"model\":\"a\\\"b\\\\\",\"\\\"model\":\"stays\",\"usage\":{\"prompt_tokens\":8}}\r\n")]
    public void Append_CutAnywhere_AgreesWithReadingTheWhole(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        var expected = Rewritten(body);

        for (var cut = 1; cut <= body.Length; cut++)
        {
            var run = Run(body, cut, body.Length);

            run.Output.Should().Be(expected);
            run.Whole.Should().BeTrue();
            run.Usage.Should().Be(new TokenUsage(8, 0, 0, 0, 0));
        }

        for (var size = 1; size <= body.Length; size++)
        {
            Run(body, size).Output.Should().Be(expected);
        }
    }

    [Property(MaxTest = 500)]
    public void Append_AnyObject_AgreesWithReadingTheWhole(DoNotSize<int> seed, byte size)
    {
        var body = new RandomRequest(seed.Item).Sent;

        var run = Run(body.AsSpan(), size + 1);

        run.Output.Should().Be(Rewritten(body));
    }

    [Fact]
    public void Append_AnswerCutAtAnyByte_IsNotWholeAndHoldsNothing()
    {
        var body = """{"data":[1,"a]}",{"b":[]}],"model":"m","usage":{"prompt_tokens":8}}"""u8;

        for (var length = 0; length < body.Length; length++)
        {
            var run = Run(body[..length], 5);

            run.Whole.Should().BeFalse("cut at {0}", length);
            run.Output.Should().BeEmpty("so short an answer is all held back");
        }
    }

    [Theory]
    [InlineData("""{"model":"m"}x""")]
    [InlineData("""{"model":"m"}{}""")]
    [InlineData("""[{"model":"m"}]""")]
    [InlineData("""{model:"m"}""")]
    [InlineData("""{"model" "m"}""")]
    [InlineData("<html>")]
    [InlineData("")]
    public void Append_NotOneObject_IsNotWhole(string body) => Run(Encoding.UTF8.GetBytes(body), 3).Whole.Should().BeFalse();

    [Fact]
    public void Ready_LongAnswer_LacksTheLastKilobyteUntilComplete()
    {
        var body = Encoding.UTF8.GetBytes($$"""{"data":[{{string.Join(',', Enumerable.Repeat("0.125", 1000))}}],"model":"m"}""");
        using var scanner = new JsonAnswerScanner(Canonical);
        var given = new MemoryStream();

        for (var at = 0; at < body.Length; at += 100)
        {
            scanner.Append(body.AsSpan(at, Math.Min(100, body.Length - at)));
            given.Write(scanner.Ready.Span);
            scanner.ClearReady();
            scanner.Held.Length.Should().Be(0);
        }

        var expected = Rewritten(body);
        given.Length.Should().Be(expected.Length - JsonAnswerScanner.KeepBack);
        scanner.Complete();
        scanner.Ready.Length.Should().Be(0);
        given.Write(scanner.Held.Span);
        Encoding.UTF8.GetString(given.ToArray()).Should().Be(expected);
        scanner.Length.Should().Be(body.Length);
    }

    /// <summary>As much space as one likes may follow a document, so its end must not move out of what is held back.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(9000)]
    public void Ready_SpaceWithoutEndAfterTheDocument_NeverGivesOutTheDocumentsEnd(int size)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"data":[{{string.Join(',', Enumerable.Repeat("0.125", 1000))}}]}""" + new string(' ', 5000));
        using var scanner = new JsonAnswerScanner(Canonical);
        var given = new MemoryStream();
        for (var at = 0; at < body.Length; at += size)
        {
            scanner.Append(body.AsSpan(at, Math.Min(size, body.Length - at)));
            given.Write(scanner.Ready.Span);
            scanner.ClearReady();
        }

        Encoding.UTF8.GetString(given.ToArray()).Should().NotContain("}");
        scanner.Complete();
        scanner.Whole.Should().BeTrue();
        given.Write(scanner.Held.Span);
        Encoding.UTF8.GetString(given.ToArray()).TrimEnd(' ').Should().Be(Encoding.UTF8.GetString(body).TrimEnd(' '));
    }

    [Fact]
    public void Usage_BeyondAnyReason_IsNotRead() =>
        Run(Encoding.UTF8.GetBytes($$$"""{"usage":{"prompt_tokens":8,"x":"{{{new string('x', 70_000)}}}"}}"""), 1000).Usage.Should().BeNull();

    private static string Rewritten(byte[] body)
    {
        var facts = JsonAnswer.Inspect(body, null);
        facts.Valid.Should().BeTrue();
        var rewritten = new byte[JsonAnswer.RewrittenLength(body, facts, Canonical)];
        JsonAnswer.Rewrite(body, facts, Canonical, rewritten);
        return Encoding.UTF8.GetString(rewritten);
    }

    private static (string Output, bool Whole, TokenUsage? Usage) Run(ReadOnlySpan<byte> body, params int[] sizes)
    {
        using var scanner = new JsonAnswerScanner(Canonical);
        var output = new MemoryStream();
        for (var piece = 0; body.Length > 0; piece++)
        {
            var size = Math.Min(body.Length, sizes[Math.Min(piece, sizes.Length - 1)]);
            scanner.Append(body[..size]);
            body = body[size..];
            output.Write(scanner.Ready.Span);
            scanner.ClearReady();
        }

        scanner.Complete();
        output.Write(scanner.Held.Span);
        return (Encoding.UTF8.GetString(output.ToArray()), scanner.Whole, scanner.Usage);
    }
}
