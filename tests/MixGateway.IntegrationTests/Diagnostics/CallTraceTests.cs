using System.Collections.Concurrent;
using System.Diagnostics;
using MixGateway.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>A span a call and one an attempt, for whoever listens; nothing of them for the provider.</summary>
public sealed class CallTraceTests : IDisposable
{
    private const string Theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;
    private readonly LogFile _log = new();

    public CallTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == CallTrace.SourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Call_WhileSomebodyListens_HasASpanAndOneForItsAttempt()
    {
        await using var gateway = await TestGateway.StartAsync(_log.Settings);
        var account = await gateway.CreateAccountAsync();
        using var answer = await account.PostAsync(Calls.ChatBody("traced+chunks=5", stream: true), change: static request => request.Headers.Add("traceparent", Theirs));
        await answer.Content.ReadAsStringAsync();

        var call = await SpanOfAsync(answer.RequestId());
        var attempt = _ended.Single(span => span.ParentSpanId == call.SpanId && span.TraceId == call.TraceId);

        call.DisplayName.Should().Be("chat sim:traced+chunks=5");
        call.Kind.Should().Be(ActivityKind.Server);
        call.GetTagItem("gen_ai.usage.output_tokens").Should().Be(5L);
        call.GetTagItem("http.response.status_code").Should().Be(200);
        call.ParentSpanId.Should().Be(default(ActivitySpanId), "a caller does not decide what is recorded");
        call.Links.Should().ContainSingle().Which.Context.TraceId.ToHexString().Should().Be("0af7651916cd43dd8448eb211c80319c");
        attempt.Kind.Should().Be(ActivityKind.Client);
        attempt.GetTagItem("gen_ai.provider.name").Should().Be("sim");
        attempt.GetTagItem("mixgateway.destination").Should().Be("0");
        (await _log.AwaitJsonAsync("CallEnded", answer.RequestId())).GetProperty("@tr").GetString().Should().Be(call.TraceId.ToHexString());
    }

    [Fact]
    public async Task Call_WithATrace_TellsTheProviderNothingOfIt()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync();
        using var answer = await account.PostAsync(Calls.ChatBody("untold"), change: static request => request.Headers.Add("traceparent", Theirs));
        answer.EnsureSuccessStatusCode();
        await SpanOfAsync(answer.RequestId());

        gateway.Upstream.State.Requests.Should().NotBeEmpty().And.OnlyContain(static request => !request.Headers.Keys.Any(static name =>
            name.StartsWith("trace", StringComparison.OrdinalIgnoreCase) || name.Equals("baggage", StringComparison.OrdinalIgnoreCase) || name.Equals("request-id", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Call_ThatFails_HasItsErrorOnBothSpansAndNoContent()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync();
        using var answer = await account.ChatAsync("failing+error=500+errorbody=leak", members: ",\"user\":\"the-prompt\"");

        var call = await SpanOfAsync(answer.RequestId());
        var spans = _ended.Where(span => span.TraceId == call.TraceId).ToArray();

        spans.Should().HaveCount(2).And.OnlyContain(static span => span.Status == ActivityStatusCode.Error && (string?)span.GetTagItem("error.type") == "upstream_error");
        string.Join(' ', spans.SelectMany(static span => span.TagObjects).Select(static tag => $"{tag.Key}={tag.Value}")).Should()
            .NotContain("the-prompt").And.NotContain("upstream-secret").And.NotContain(account.Key);
    }

    private Task<Activity> SpanOfAsync(string requestId) => Eventually.GetAsync(
        () => Task.FromResult(_ended.FirstOrDefault(span => (string?)span.GetTagItem("mixgateway.request_id") == requestId)), "the call's span");
}
