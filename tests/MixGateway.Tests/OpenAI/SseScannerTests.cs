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
    [InlineData("""{"choices":[],"usage":null}""")]
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
        using var scanner = new SseScanner("\"openai:gpt-5\""u8.ToArray(), hideUsageChunk: true);
        scanner.Append("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n"u8);
        scanner.UsageIsBehind.Should().BeFalse("it came with the text");
        scanner.Append("data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n"u8);
        scanner.UsageIsBehind.Should().BeTrue();
        scanner.Append("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"u8);
        scanner.UsageIsBehind.Should().BeTrue();
        scanner.Append(Encoding.UTF8.GetBytes(UsageChunk));
        scanner.UsageIsBehind.Should().BeFalse();
    }

    [Fact]
    public void Append_UsageInSeveralChunks_LastOneCounts() =>
        SseRun.Of("data: {\"usage\":{\"completion_tokens\":1}}\n\ndata: {\"usage\":{\"completion_tokens\":2}}\n\ndata: {\"usage\":null}\n\n")
            .Usage!.Value.CompletionTokens.Should().Be(2);

    [Fact]
    public void Ready_WholeEvent_IsThereAtOnce()
    {
        using var scanner = new SseScanner("\"openai:gpt-5\""u8.ToArray(), hideUsageChunk: true);

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
        run.Events.Should().Be(1);
    }

    [Theory]
    [InlineData("""{"error":{"message":"overloaded","type":"server_error"}}""", "overloaded")]
    [InlineData("""{"error":"overloaded"}""", "overloaded")]
    [InlineData("""{"error":{"message":"overloaded"},"choices":[]}""", "overloaded")]
    [InlineData("""{"type":"error","error":{"message":"overloaded"},"model":"m"}""", "overloaded")]
    [InlineData("""{"error":{}}""", null)]
    [InlineData("""{"error":500}""", null)]
    public void Append_ErrorInsteadOfAnAnswer_StopsAndStaysHere(string json, string? message)
    {
        var run = SseRun.Of($"{Chunk}data: {json}\n\n{Chunk}data: [DONE]\n\n");

        run.Client.Should().Be(Renamed);
        run.ErrorSeen.Should().BeTrue();
        run.ErrorMessage.Should().Be(message);
        run.EndSeen.Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"error":null,"choices":[]}""")]
    [InlineData("""{"error":"","choices":[]}""")]
    [InlineData("""{"error":false}""")]
    [InlineData("""{"error":{"code":502},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}""")]
    public void Append_ErrorMemberBesideAnAnswer_Passes(string json)
    {
        var run = SseRun.Of($"data: {json}\n\n");

        run.ErrorSeen.Should().BeFalse();
        run.Client.Should().Be($"data: {json}\n\n");
    }

    [Theory]
    [InlineData("data: {\"model\":\"m\",}\n\n")]
    [InlineData("data: {\"model\":\"m\"} x\n\n")]
    [InlineData("data: {\"model\":\"a\ndata: b\"}\n\n")]
    [InlineData("data: <html>\n\n")]
    [InlineData("data: \n\n")]
    [InlineData("data: \"[DONE]\"\n\n")]
    public void Append_DataThatIsNoObject_PassesUnchanged(string stream)
    {
        var run = SseRun.Of(stream);

        run.Client.Should().Be(stream);
        run.Malformed.Should().BeTrue();
        run.EndSeen.Should().BeFalse();
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
    public void Append_EventBeyondTheBound_PassesUnreadHoweverItIsCut()
    {
        var large = $"data: {{\"model\":\"m\",\"x\":\"{new string('x', 300)}\"}}\n\n";
        var stream = Encoding.UTF8.GetBytes(Chunk + large + Chunk + "data: [DONE]\n\n");

        for (var size = 1; size <= stream.Length; size++)
        {
            var run = SseRun.Of(stream, maxEventBytes: 200, sizes: size);

            run.Client.Should().Be(Renamed + large + Renamed);
            run.Unmeasured.Should().BeTrue();
            run.EndSeen.Should().BeTrue();
        }
    }

    [Fact]
    public void Append_EventOfExactlyTheBound_IsRead()
    {
        var run = SseRun.Of(Encoding.UTF8.GetBytes(Chunk), maxEventBytes: Chunk.Length, sizes: 7);

        run.Client.Should().Be(Renamed);
        run.Unmeasured.Should().BeFalse();
    }

    [Fact]
    public void Complete_CutInsideAnUnreadEvent_SaysSo()
    {
        var run = SseRun.Of(Encoding.UTF8.GetBytes("data: " + new string('x', 300)), maxEventBytes: 200, sizes: 50);

        run.Client.Should().HaveLength(306);
        run.EndsInsideEvent.Should().BeTrue();
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
