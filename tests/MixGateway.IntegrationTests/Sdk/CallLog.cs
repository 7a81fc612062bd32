using System.ClientModel.Primitives;
using System.Collections.Concurrent;

namespace MixGateway.IntegrationTests.Sdk;

/// <summary>Notes what the SDK is answered, one entry for each request on the wire.</summary>
internal sealed class CallLog : PipelinePolicy
{
    private readonly ConcurrentQueue<LoggedCall> _calls = new();

    public IReadOnlyList<LoggedCall> Calls => [.. _calls];

    public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        ProcessNext(message, pipeline, currentIndex);
        Note(message.Response!);
    }

    public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        await ProcessNextAsync(message, pipeline, currentIndex);
        Note(message.Response!);
    }

    private void Note(PipelineResponse response)
    {
        response.Headers.TryGetValue("x-request-id", out var id);
        response.Headers.TryGetValue("x-should-retry", out var shouldRetry);
        _calls.Enqueue(new LoggedCall(response.Status, id ?? "", shouldRetry));
    }
}

/// <param name="ShouldRetry">The header <c>x-should-retry</c>, if it was there.</param>
internal sealed record LoggedCall(int Status, string RequestId, string? ShouldRetry);
