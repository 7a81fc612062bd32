using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class SseScannerTests
{
    private const string Chunk = "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n";
    private const string Renamed = "data: {\"model\":\"openai:gpt-5\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n";
    private const string UsageChunk = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";

    public static TheoryData<string> Recordings { get; } = [.. SseRecording.All.Select(recording => recording.Name)];

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Append_RecordedStream_GivesTheCallersBytes(string name)
    {
        var recording = Recording(name);

        var run = SseRun.Of(recording.Upstream);

        run.Client.Should().Be(Latin1(recording.Client));
        run.Held.Should().Be(Latin1(recording.Held));
        run.Text.Should().Be(Latin1(recording.Text));
        run.Usage.Should().Be(recording.Usage);
        run.EndSeen.Should().BeTrue();
        run.AllChoicesFinished.Should().BeTrue();
        run.ContentSeen.Should().BeTrue();
        run.EndsInsideEvent.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Append_CutAnywhere_GivesTheSame(string name)
    {
        var stream = Encoding.UTF8.GetBytes(Recording(name).Upstream);
        var whole = SseRun.Of(stream);

        for (var cut = 1; cut < stream.Length; cut++)
        {
            SseRun.Of(stream, sizes: [cut, stream.Length]).Should().Be(whole, "cut at {0}", cut);
        }
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Append_PiecesOfAnySize_GivesTheSame(string name)
    {
        var stream = Encoding.UTF8.GetBytes(Recording(name).Upstream);
        var whole = SseRun.Of(stream);

        for (var size = 1; size < stream.Length; size++)
        {
            SseRun.Of(stream, sizes: size).Should().Be(whole, "in pieces of {0}", size);
        }
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Complete_StreamCutAtAnyByte_IsNoEndAndGivesNothingThatWasNotWhole(string name)
    {
        var recording = Recording(name);
        var stream = Encoding.UTF8.GetBytes(recording.Upstream);
        var whole = SseRun.Of(stream);
        var end = stream.AsSpan().LastIndexOf("[DONE]"u8) + "[DONE]".Length;

        for (var length = 0; length < end; length++)
        {
            var run = SseRun.Of(stream.AsSpan(0, length));

            run.EndSeen.Should().BeFalse("cut at {0}", length);
            run.Held.Should().BeEmpty();
            whole.Client.Should().StartWith(run.Client, "cut at {0}", length);
        }

        SseRun.Of(stream.AsSpan(0, end)).EndSeen.Should().BeTrue("an end that lacks only its blank line is an end");
    }

    [Fact]
    public void Append_CallerAskedForUsage_GetsTheChunk() =>
        SseRun.Of(Chunk + UsageChunk, hideUsage: false).Client.Should().Be(Renamed + UsageChunk);

    [Theory]
    [InlineData("""{"choices":[],"usage":"x"}""")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":null,"usage":{"prompt_tokens":1}}""")]
    [InlineData("""{"usage":{"prompt_tokens":1}}""")]
    [InlineData("""{"choices":[null],"usage":{"prompt_tokens":1}}""")]
    [InlineData("""{"choices":{},"usage":{"prompt_tokens":1}}""")]
    public void Append_AnythingButAUsageChunk_IsNeverHidden(string json) =>
        SseRun.Of($"data: {json}\n\n").Client.Should().Be($"data: {json}\n\n");

    [Fact]
    public void Append_UsageThatCannotBeRead_IsHiddenButNotTaken()
    {
        var run = SseRun.Of("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":-5}}\n\n");

        run.Client.Should().BeEmpty();
        run.Usage.Should().BeNull();
    }

    [Fact]
    public void Append_TextAfterTheUsage_LeavesItBehindUntilTheNext()
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new SseScanner("\"openai:gpt-5\""u8.ToArray(), judge, UsageVisibility.Hidden);
        scanner.Append("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n"u8);
        judge.UsageIsBehind.Should().BeFalse("it came with the text");
        scanner.Append("data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n"u8);
        judge.UsageIsBehind.Should().BeTrue();
        scanner.Append("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"u8);
        judge.UsageIsBehind.Should().BeTrue();
        scanner.Append(Encoding.UTF8.GetBytes(UsageChunk));
        judge.UsageIsBehind.Should().BeFalse();
    }

    [Fact]
    public void Append_UsageInSeveralChunks_LastOneCounts() =>
        SseRun.Of("data: {\"usage\":{\"completion_tokens\":1}}\n\ndata: {\"usage\":{\"completion_tokens\":2}}\n\ndata: {\"usage\":null}\n\n")
            .Usage!.Value.CompletionTokens.Should().Be(2);

    [Fact]
    public void Ready_WholeEvent_IsThereAtOnce()
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new SseScanner("\"openai:gpt-5\""u8.ToArray(), judge, UsageVisibility.Hidden);

        scanner.Append(Encoding.UTF8.GetBytes(": ping\n\n" + Chunk + "data: {\"mod"));

        Encoding.UTF8.GetString(scanner.Ready.Span).Should().Be(": ping\n\n" + Renamed);
    }

    [Fact]
    public void Append_AfterTheEnd_IsIgnored()
    {
        var run = SseRun.Of(Chunk + "data: [DONE]\n\n" + UsageChunk + Chunk);

        run.Client.Should().Be(Renamed);
        run.Held.Should().Be("data: [DONE]\n\n");
        run.Usage.Should().BeNull();
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"x"}}],"usage":null}""", """{"choices":[{"delta":{"content":"x"}}]}""")]
    [InlineData("""{"usage":null,"choices":[{"delta":{}}]}""", """{"choices":[{"delta":{}}]}""")]
    [InlineData("""{ "usage" : null , "id":"a" }""", """{ "id":"a" }""")]
    [InlineData("""{"usage":null}""", "{}")]
    [InlineData("""{"a":1, "us\u0061ge": null, "b":[{"usage":null}]}""", """{"a":1, "b":[{"usage":null}]}""")]
    [InlineData("""{"model":"m","usage":null,"model":"n","usage":null}""", """{"model":"openai:gpt-5","model":"openai:gpt-5"}""")]
    public void Append_NullUsageThatNobodyAskedFor_IsTakenOut(string json, string expected)
    {
        SseRun.Of($"data: {json}\n\n").Client.Should().Be($"data: {expected}\n\n");
        SseRun.Of($"data: {json}\n\n", hideUsage: false).Client.Should().Be($"data: {json.Replace("\"m\"", "\"openai:gpt-5\"").Replace("\"n\"", "\"openai:gpt-5\"")}\n\n");
    }

    [Theory]
    [InlineData("""{"error":{"message":"overloaded","type":"server_error"}}""", "overloaded")]
    [InlineData("""{"error":"overloaded"}""", "overloaded")]
    [InlineData("""{"error":{"message":"overloaded"},"choices":[]}""", "overloaded")]
    [InlineData("""{"type":"error","error":{"message":"overloaded"},"model":"m"}""", "overloaded")]
    [InlineData("""{"error":{"code":502,"message":"overloaded"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}""", "overloaded")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"never seen"},"finish_reason":"error"}]}""", null)]
    [InlineData("""{"choices":[{"index":0,"delta":{},"error":{"message":"overloaded"}}]}""", "overloaded")]
    [InlineData("""{"base_resp":{"status_code":1013,"status_msg":"overloaded"},"choices":null}""", "overloaded")]
    [InlineData("""{"code":"InternalError","message":"overloaded"}""", "overloaded")]
    [InlineData("""{"object":"error","message":"overloaded","code":50001}""", "overloaded")]
    [InlineData("""{"detail":"overloaded"}""", "overloaded")]
    [InlineData("""{"error":500}""", null)]
    public void Append_ErrorInsteadOfAnAnswer_StopsAndStaysHere(string json, string? message)
    {
        const string Begun = "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n";

        var run = SseRun.Of($"{Begun}data: {json}\n\n{Chunk}data: [DONE]\n\n");

        run.Client.Should().Be(Begun.Replace("\"m\"", "\"openai:gpt-5\""));
        run.Failure.Should().Be(ProviderFailureKind.Failed);
        run.ErrorMessage.Should().Be(message);
        run.EndSeen.Should().BeFalse();
        run.Text.Should().Be("x");
    }

    [Theory]
    [InlineData("""{"error":null,"choices":[]}""")]
    [InlineData("""{"error":"","choices":[]}""")]
    [InlineData("""{"error":{},"choices":[],"usage":7}""")]
    [InlineData("""{"error":{"code":0,"message":"","details":[]},"choices":[{"delta":{"content":"a"}}]}""")]
    [InlineData("""{"error":false}""")]
    [InlineData("""{"base_resp":{"status_code":0,"status_msg":"success"},"choices":[{"delta":{}}]}""")]
    [InlineData("""{"code":"200","message":"","choices":[]}""")]
    [InlineData("""{"code":7,"message":"part of an answer","choices":[{"delta":{}}]}""")]
    public void Append_ErrorThatSaysNothing_Passes(string json)
    {
        var run = SseRun.Of($"data: {json}\n\n");

        run.Failure.Should().BeNull();
        run.Client.Should().Be($"data: {json}\n\n");
    }

    [Theory]
    [InlineData("event: error\ndata: Incorrect API key provided: sk-other\n\n", nameof(ProviderFailureKind.Credential))]
    [InlineData("event: error\ndata: {\"x\":1}\n\n", nameof(ProviderFailureKind.Failed))]
    [InlineData("data: {\"model\":\"m\",}\n\n", nameof(ProviderFailureKind.Failed))]
    [InlineData("data: {\"model\":\"m\"} x\n\n", nameof(ProviderFailureKind.Failed))]
    [InlineData("data: {\"model\":\"a\ndata: b\"}\n\n", nameof(ProviderFailureKind.Failed))]
    [InlineData("data: <html>\n\n", nameof(ProviderFailureKind.Failed))]
    [InlineData("data: \"[DONE]\"\n\n", nameof(ProviderFailureKind.Failed))]
    [InlineData("data: [{\"error\":{\"code\":429,\"message\":\"slow down\"}}]\n\n", nameof(ProviderFailureKind.RateLimited))]
    [InlineData("Bad gateway\nsk-other\n\n", nameof(ProviderFailureKind.Failed))]
    public void Append_WhatIsNoPartOfAnAnswer_IsAFailureAndStaysHere(string stream, string expected)
    {
        var run = SseRun.Of(stream + "data: [DONE]\n\n");

        run.Client.Should().BeEmpty();
        run.Failure.ToString().Should().Be(expected);
        run.EndSeen.Should().BeFalse();
    }

    [Theory]
    [InlineData("data: \n\n")]
    [InlineData("data\n\n")]
    [InlineData(": comment\nid: 7\nretry: 10\nevent: ping\n\n")]
    public void Append_EventThatSaysNothing_Passes(string stream)
    {
        var run = SseRun.Of(stream);

        run.Client.Should().Be(stream);
        run.Failure.Should().BeNull();
    }

    [Fact]
    public void Append_ErrorAfterAWholeAnswer_IsDroppedAndTheAnswerStays()
    {
        var run = SseRun.Of(Chunk + UsageChunk + "data: {\"error\":{\"message\":\"late\"}}\n\n");

        run.Client.Should().Be(Renamed);
        run.AllChoicesFinished.Should().BeTrue();
        run.Usage!.Value.CompletionTokens.Should().Be(2);
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"my key is sk-run-credential\"}}]}\n\n")]
    [InlineData(": sk-run-credential\n\n")]
    [InlineData("data: {\"model\":\"m\",\"x\":\"sk-run-credentialsk-run-credential\"}\n\n")]
    public void Append_CredentialInUse_IsOverwrittenHoweverItIsCut(string stream)
    {
        var expected = stream.Replace("sk-run-credential", "*****************").Replace("\"m\"", "\"openai:gpt-5\"");
        for (var size = 1; size <= stream.Length; size++)
        {
            SseRun.Of(Encoding.UTF8.GetBytes(stream), sizes: size).Client.Should().Be(expected);
        }
    }

    [Fact]
    public void Append_EventThatBreaksAfterItsChoices_ChangesNothingButTheMark()
    {
        var run = SseRun.Of("data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1},}\n\n");

        run.AllChoicesFinished.Should().BeFalse();
        run.Usage.Should().BeNull();
        run.TextBytes.Should().Be(0);
        run.ContentSeen.Should().BeFalse();
    }

    [Fact]
    public void Complete_EventWithoutItsBlankLine_IsTakenAndMarkedOpen()
    {
        var run = SseRun.Of(Chunk.TrimEnd('\n'));

        run.Client.Should().Be(Renamed.TrimEnd('\n'));
        run.AllChoicesFinished.Should().BeTrue();
        run.EndsInsideEvent.Should().BeTrue();
        run.EndSeen.Should().BeFalse();
    }

    [Fact]
    public void Complete_EventCutInItsMiddle_IsDropped()
    {
        var run = SseRun.Of(Chunk + Chunk[..^10]);

        run.Client.Should().Be(Renamed);
        run.EndsInsideEvent.Should().BeFalse();
    }

    [Fact]
    public void AllChoicesFinished_SeveralChoices_NeedsEachOfThem()
    {
        const string One = "data: {\"choices\":[{\"index\":0,\"delta\":{}},{\"index\":2,\"delta\":{}}]}\n\ndata: {\"choices\":[{\"index\":2,\"finish_reason\":\"stop\"}]}\n\n";

        SseRun.Of(One).AllChoicesFinished.Should().BeFalse();
        SseRun.Of(One + "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"length\"}]}\n\n").AllChoicesFinished.Should().BeTrue();
        SseRun.Of(UsageChunk).AllChoicesFinished.Should().BeFalse("no choice was seen");
        SseRun.Of("data: {\"choices\":[{\"index\":128,\"finish_reason\":\"stop\"}]}\n\n").AllChoicesFinished.Should().BeFalse("that choice is beyond what is followed");
        SseRun.Of("data: {\"choices\":[{\"index\":127,\"finish_reason\":\"stop\"}]}\n\n").AllChoicesFinished.Should().BeTrue();
    }

    [Fact]
    public void Append_EventBeyondTheBound_EndsTheStreamHoweverItIsCut()
    {
        var large = $"data: {{\"model\":\"m\",\"x\":\"{new string('x', 300)}\"}}\n\n";
        var begun = "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
        var stream = Encoding.UTF8.GetBytes(begun + large + Chunk + "data: [DONE]\n\n");

        for (var size = 1; size <= stream.Length; size++)
        {
            var run = SseRun.Of(stream, maxEventBytes: 200, sizes: size);

            run.Client.Should().Be(begun.Replace("\"m\"", "\"openai:gpt-5\""));
            run.Failure.Should().Be(ProviderFailureKind.Failed);
            run.EndSeen.Should().BeFalse();
        }
    }

    [Fact]
    public void Append_EventOfExactlyTheBound_IsRead()
    {
        var run = SseRun.Of(Encoding.UTF8.GetBytes(Chunk), maxEventBytes: Chunk.Length, sizes: 7);

        run.Client.Should().Be(Renamed);
        run.Failure.Should().BeNull();
    }

    [Fact]
    public void Text_LongAnswer_KeepsABoundedPartAndCountsAll()
    {
        var one = $"data: {{\"choices\":[{{\"delta\":{{\"content\":\"{new string('x', 998)}\\u00e9\"}}}}]}}\n\n";
        var run = SseRun.Of(string.Concat(Enumerable.Repeat(one, 100)));

        run.TextBytes.Should().Be(100_000);
        run.Text.Should().HaveLength(DeliveredText.MaxKept);
    }

    private static SseRecording Recording(string name) => SseRecording.All.Single(recording => recording.Name == name);

    private static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
