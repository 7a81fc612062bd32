using System.Buffers;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>Reads and judges an answer that is not 2xx.</summary>
internal static class ProviderRefusal
{
    /// <summary>An error that needs more says nothing a caller can use.</summary>
    private const int MaxErrorBody = 64 * 1024;

    /// <summary>No provider asks for 30 years; what looks like it is a date.</summary>
    private static readonly TimeSpan EpochLike = TimeSpan.FromSeconds(1_000_000_000);

    /// <summary>What a caller is told at most.</summary>
    internal static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    public static async ValueTask<CallOutcome> ReadAsync(Call call, HttpResponseMessage answer)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxErrorBody);
        try
        {
            using var stream = await answer.Content.ReadAsStreamAsync(call.Watch.Token);
            var length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, MaxErrorBody), MaxErrorBody, throwOnEndOfStream: false, call.Watch.Token);
            return Judge(call, answer, buffer.AsSpan(0, length));
        }
        catch (Exception e) when (UpstreamFailure.Is(e))
        {
            return UpstreamFailure.Classify(e, call.Watch);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static CallOutcome Judge(Call call, HttpResponseMessage answer, ReadOnlySpan<byte> body)
    {
        var status = (int)answer.StatusCode;
        ProviderErrorReader.TryRead(body, out var error);
        var kind = ProviderFailureRules.Judge(status, error);
        var outcome = ProviderFailures.Of(call, kind, status, error, RetryAfterOf(answer, call.Id.ArrivedAt), Summary(status)) with { UpstreamStatus = status };
        if (UpstreamHints.Describe(call.Target.Provider, answer, body) is { } hint)
        {
            return outcome with { Detail = hint };
        }

        if (kind == ProviderFailureKind.CallersMistake && RefusesStreamUsage(call, error))
        {
            return outcome with { RefusesStreamUsage = true };
        }

        // A page for an error says nothing that a caller could use, but another provider would find the same mistake.
        return kind == ProviderFailureKind.CallersMistake && error is null ? outcome with { Retryable = false } : outcome;
    }

    /// <summary>Only if the caller did not ask for the usage: then the words are about what the gateway added.</summary>
    private static bool RefusesStreamUsage(Call call, ProviderError? error) =>
        call.Envelope.Stream && call.AsksStreamUsage && !call.Envelope.IncludeUsage && error is not null
        && (Names(error.Message) || Names(error.Param) || Names(error.Code));

    private static bool Names(string? words) => words is not null
        && (words.Contains("stream_options", StringComparison.OrdinalIgnoreCase) || words.Contains("include_usage", StringComparison.OrdinalIgnoreCase));

    private static string Summary(int status) => status >= StatusCodes.Status500InternalServerError
        ? $"The provider answered with status {status} (server error). Try again, or use another model."
        : $"The provider answered with status {status}.";

    /// <summary>
    /// Minutes at most, whatever the provider asks for: some send a point of time as seconds since 1970 where RFC 9110 §10.2.3 wants a
    /// delay, and clients sleep for as long as they are told.
    /// </summary>
    /// <returns>Null if there is no header, or it lies in the past.</returns>
    internal static TimeSpan? RetryAfterOf(HttpResponseMessage answer, DateTimeOffset now)
    {
        var header = answer.Headers.RetryAfter;
        var delay = header?.Delta ?? (header?.Date is { } date ? date - now : null);
        if (delay >= EpochLike)
        {
            delay = DateTimeOffset.UnixEpoch + delay - now;
        }

        return delay <= TimeSpan.Zero ? null : delay < LongestRetryAfter ? delay : delay is null ? null : LongestRetryAfter;
    }
}
