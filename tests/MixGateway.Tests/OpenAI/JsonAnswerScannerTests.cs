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
    [InlineData("""{"model":12,"model":null,"usage":{"prompt_tokens":8,"completion_tokens":0},"z":true}""")]
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
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new JsonAnswerScanner(Canonical, judge);
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
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new JsonAnswerScanner(Canonical, judge);
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

    [Theory]
    [InlineData("""{"choices":[{"index":0,"message":{"content":"Hello world","tool_calls":[{"function":{"name":"f"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":1}}}""")]
    [InlineData("""{"id":"x","error":{"message":"no","code":"context_length_exceeded"},"choices":[]}""")]
    [InlineData("""{"choices":[{"index":0,"message":{},"finish_reason":"error"}],"usage":null}""")]
    [InlineData("""{"base_resp":{"status_code":1008,"status_msg":"no"},"choices":null}""")]
    [InlineData("""{"choices":[{"message":{"content":"\u0041\\\""}}],"x_groq":{"usage":{"prompt_tokens":3,"completion_tokens":4}}}""")]
    [InlineData("""{"data":[{"embedding":[1,2]}],"usage":{"total_tokens":9}}""")]
    public void Complete_AnyAnswer_IsJudgedAsIfItWereHeldWhole(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        using var whole = new AnswerJudge(ApiOperation.ChatCompletions);
        JsonAnswer.Read(body, whole);
        var verdict = whole.JudgeDocument();

        for (var size = 1; size <= body.Length; size++)
        {
            using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
            using var scanner = new JsonAnswerScanner(Canonical, judge);
            for (var at = 0; at < body.Length; at += size)
            {
                scanner.Append(body.AsSpan(at, Math.Min(size, body.Length - at)));
            }

            scanner.Complete();
            judge.JudgeDocument().Should().Be(verdict, "in pieces of {0}", size);
            judge.Usage.Should().Be(whole.Usage);
            judge.Failure.Should().Be(whole.Failure);
            judge.AllChoicesFinished.Should().Be(whole.AllChoicesFinished);
        }
    }

    [Theory]
    [InlineData("""{"content":"LONG"}""")]
    [InlineData("""{"content":"a","logprobs":{"content":[LIST]}}""")]
    public void Complete_LongTextsAndDeepLists_KeepTheJudgmentSmall(string message)
    {
        var text = string.Concat(Enumerable.Repeat("words \\n and \\ud83d\\ude00 more ", 50_000));
        var list = string.Join(',', Enumerable.Repeat("""{"token":"a","logprob":-0.5,"top_logprobs":[{"token":"b"}]}""", 30_000));
        var body = Encoding.UTF8.GetBytes($$$"""{"choices":[{"index":0,"message":{{{message.Replace("LONG", text).Replace("LIST", list)}}},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":2}}""");

        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new JsonAnswerScanner(Canonical, judge);
        for (var at = 0; at < body.Length; at += 1009)
        {
            scanner.Append(body.AsSpan(at, Math.Min(1009, body.Length - at)));
            scanner.ClearReady();
        }

        scanner.Complete();
        judge.JudgeDocument().Should().Be(AnswerVerdict.Complete);
        judge.Usage.Should().Be(new ReportedUsage(new TokenUsage(8, 0, 0, 2, 0)));
        judge.AllChoicesFinished.Should().BeTrue();
    }

    [Fact]
    public void Text_FilesInALongAnswer_AreNotText()
    {
        var file = Convert.ToBase64String(new byte[300_000]);
        var body = Encoding.UTF8.GetBytes($$$"""{"choices":[{"message":{"content":"A cat.","images":[{"image_url":{"url":"data:image/png;base64,{{{file}}}"}},{"b64_json":"{{{file}}}"}]}}],"x":"{{{file}}}"}""");

        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new JsonAnswerScanner(Canonical, judge);
        for (var at = 0; at < body.Length; at += 16_384)
        {
            scanner.Append(body.AsSpan(at, Math.Min(16_384, body.Length - at)));
            scanner.ClearReady();
        }

        judge.Text.TotalBytes.Should().BeLessThan(200);
        Encoding.UTF8.GetString(judge.Text.Kept).Should().Contain("A cat.");
    }

    [Fact]
    public void Append_CredentialInUse_IsOverwrittenHoweverItIsCut()
    {
        var body = Encoding.UTF8.GetBytes("{\"choices\":[{\"message\":{\"content\":\"sk-run-credential and sk-run-credential\"}}],\"x\":\"" + new string('x', 3000) + "\"}");
        for (var size = 1; size <= body.Length; size += size < 100 ? 1 : 97)
        {
            using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
            using var scanner = new JsonAnswerScanner(Canonical, judge, new CredentialMask("sk-run-credential"));
            var output = new MemoryStream();
            for (var at = 0; at < body.Length; at += size)
            {
                scanner.Append(body.AsSpan(at, Math.Min(size, body.Length - at)));
                output.Write(scanner.Ready.Span);
                scanner.ClearReady();
            }

            scanner.Complete();
            output.Write(scanner.Held.Span);
            Encoding.UTF8.GetString(output.ToArray()).Should().Be(Encoding.UTF8.GetString(body).Replace("sk-run-credential", "*****************"));
        }
    }

    private static string Rewritten(byte[] body)
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        var models = JsonAnswer.Read(body, judge);
        var rewritten = new byte[JsonAnswer.RewrittenLength(body, models, Canonical)];
        JsonAnswer.Rewrite(body, models, Canonical, rewritten);
        return Encoding.UTF8.GetString(rewritten);
    }

    private static (string Output, bool Whole, TokenUsage? Usage) Run(ReadOnlySpan<byte> body, params int[] sizes)
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new JsonAnswerScanner(Canonical, judge);
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
        return (Encoding.UTF8.GetString(output.ToArray()), scanner.Whole, judge.Usage?.Tokens);
    }
}
