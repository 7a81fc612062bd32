using System.Text.Json;

namespace MixGateway.Tests.Simulator;

public sealed class ChatStreamTests
{
    [Fact]
    public async Task Stream_PlainModel_EndsWithFinishAndDone()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("deepseek-chat"));

        events.Should().HaveCount(6);
        events[^1].Should().Be("[DONE]");
        string.Concat(events.Take(4).Select(Content)).Should().Be("Hello from the simulator.");
        Choice(events[0]).GetProperty("delta").GetProperty("role").GetString().Should().Be("assistant");
        Choice(events[3]).GetProperty("finish_reason").ValueKind.Should().Be(JsonValueKind.Null);
        Choice(events[4]).GetRawText().Should().Be("""{"index":0,"delta":{},"finish_reason":"stop"}""");
        events.SkipLast(1).Select(data => Parse(data).GetProperty("id").GetString()).Distinct().Should().ContainSingle();
    }

    [Theory]
    [InlineData("echo", "some words to   repeat", 4)]
    [InlineData("echo+chunks=2", "some words to repeat", 2)]
    [InlineData("echo+chunks=9", "你好 🎉", 2)]
    [InlineData("echo", "", 0)]
    public async Task Stream_Echo_RepeatsInPieces(string model, string text, int pieces)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream(model, text: text));

        events.Should().HaveCount(pieces + 2);
        string.Concat(events.Take(pieces).Select(Content)).Should().Be(text);
    }

    [Theory]
    [InlineData("asked", false, 0, 0, false)]
    [InlineData("asked", true, 1, 1, true)]
    [InlineData("always", false, 1, 1, true)]
    [InlineData("zero", false, 1, 1, true)]
    [InlineData("never", true, 0, 0, false)]
    [InlineData("last", true, 1, 0, false)]
    [InlineData("every", false, 4, 0, false)]
    [InlineData("every", true, 5, 1, true)]
    public async Task Usage_ByMode_IsOnTheRightChunks(string mode, bool asked, int withUsage, int withoutChoices, bool lastHasNoChoices)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("s+chunks=3+usage=" + mode, asked));

        JsonElement[] chunks = [.. events.SkipLast(1).Select(Parse)];
        chunks.Count(chunk => chunk.TryGetProperty("usage", out _)).Should().Be(withUsage);
        chunks.Count(chunk => chunk.GetProperty("choices").GetArrayLength() == 0).Should().Be(withoutChoices);
        (chunks[^1].GetProperty("choices").GetArrayLength() == 0).Should().Be(lastHasNoChoices);
    }

    [Fact]
    public async Task Usage_Last_IsOnTheContentChunkThatFinishes()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("s+chunks=2+usage=last"));

        events.Should().HaveCount(3);
        Content(events[1]).Should().Be(" token");
        Choice(events[1]).GetProperty("finish_reason").GetString().Should().Be("stop");
        Parse(events[1]).GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(2);
    }

    [Fact]
    public async Task Usage_Every_CountsUp()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("s+chunks=3+completion=30+usage=every"));

        events.SkipLast(1).Select(data => Parse(data).GetProperty("usage").GetProperty("completion_tokens").GetInt32())
            .Should().Equal(10, 20, 30, 30);
    }

    [Fact]
    public async Task Usage_First_IsOnTheFirstChunkAsFarAsItGoes()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("s+chunks=3+completion=30+usage=first", includeUsage: true));

        events.SkipLast(1).Select(data => Parse(data).TryGetProperty("usage", out var usage) && usage.ValueKind != JsonValueKind.Null ? usage.GetProperty("completion_tokens").GetInt32() : -1)
            .Should().Equal(10, -1, -1, -1, 30);
    }

    [Fact]
    public async Task Usage_NullOnChunks_IsAsOpenAISendsIt()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("s+chunks=2+nullusage=1", includeUsage: true));

        events.Take(3).Should().OnlyContain(data => data.EndsWith(",\"usage\":null}", StringComparison.Ordinal));
        Parse(events[3]).GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().Be(5);
    }

    [Fact]
    public async Task Stream_ReasoningContentAndTools_ComeInThatOrder()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("s+reasoningtext=1+chunks=1+tools=3+rolechunk=1"));

        JsonElement[] deltas = [.. events.Take(6).Select(data => Choice(data).GetProperty("delta"))];
        deltas[0].GetRawText().Should().Be("""{"role":"assistant","content":""}""");
        deltas[1].GetProperty("reasoning_content").GetString().Should().Be("thought");
        deltas[2].GetProperty("content").GetString().Should().Be("token");
        deltas[3].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString().Should().Be("get_weather");
        string.Concat(deltas.Skip(3).Select(delta => delta.GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString()))
            .Should().Be("""{"steps":[1,2,3]}""");
        Choice(events[6]).GetProperty("finish_reason").GetString().Should().Be("tool_calls");
    }

    [Fact]
    public async Task Stream_SeveralChoices_FinishesEach()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("s+chunks=2+choices=2"));

        events.SkipLast(1).Select(data => Choice(data).GetProperty("index").GetInt32()).Should().Equal(0, 1, 0, 1, 0, 1);
        events.Skip(4).SkipLast(1).Should().OnlyContain(data => Choice(data).GetProperty("finish_reason").GetString() == "stop");
    }

    [Fact]
    public async Task Stream_Text_HasTextChunks()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync("""{"model":"echo","prompt":"say this","stream":true}""", "completions");

        string.Concat(events.SkipLast(1).Select(data => Choice(data).GetProperty("text").GetString())).Should().Be("say this");
        Parse(events[0]).GetProperty("object").GetString().Should().Be("text_completion");
        Choice(events[2]).GetProperty("finish_reason").GetString().Should().Be("stop");
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(1_048_576)]
    public async Task Stream_OfGivenSize_HasItInEveryEvent(int size)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream($"s+chunks=2+size={size}"));

        events.Take(2).Should().OnlyContain(data => Content(data)!.Length == size);
    }

    [Fact]
    public async Task Stream_PausesByTheGivenClock()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using SimulatorClient client = await SimulatorClient.StartAsync(new() { TimeProvider = clock });

        Task<IReadOnlyList<string>> stream = client.PostForEventsAsync(SimulatorClient.Stream("s+chunks=2+first=60000+delay=60000+stall=1:60000"));
        using var patience = new CancellationTokenSource(SimulatorClient.Patience);
        int minutes = 0;
        while (!stream.IsCompleted && !patience.IsCancellationRequested)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            minutes++;
            await Task.Yield();
        }

        (await stream).Should().HaveCount(4);
        minutes.Should().BeGreaterThanOrEqualTo(4);
    }

    private static JsonElement Parse(string data) => JsonDocument.Parse(data).RootElement;

    private static JsonElement Choice(string data) => Parse(data).GetProperty("choices")[0];

    private static string? Content(string data) => Choice(data).GetProperty("delta").GetProperty("content").GetString();
}
