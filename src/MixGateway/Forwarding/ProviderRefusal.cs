using System.Buffers;
using System.Net;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>Reads and judges an answer that is not 2xx.</summary>
internal static class ProviderRefusal
{
    /// <summary>An error that needs more says nothing a caller can use.</summary>
    private const int MaxErrorBody = 64 * 1024;

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
        switch (answer.StatusCode)
        {
            case HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableContent
                when ProviderErrorReader.TryRead(body, out var error):
                return CallOutcome.Refused(OpenAIErrors.FromProvider((int)answer.StatusCode, Clean(call, error)));
            case HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableContent:
                // A page for an error says nothing that a caller could use, but another provider would find the same mistake.
                return Failed(answer, body, OpenAIErrors.UpstreamError($"The provider answered with status {(int)answer.StatusCode}.")) with { Retryable = false };
            case HttpStatusCode.TooManyRequests:
                return Failed(answer, body, OpenAIErrors.UpstreamRateLimited(RetryAfter(call, answer)));
            case HttpStatusCode.Unauthorized or HttpStatusCode.PaymentRequired or HttpStatusCode.Forbidden:
                return Failed(answer, body, OpenAIErrors.UpstreamError("The provider refused the gateway's credential. The gateway's operator has to look at it."));
            default:
                return Failed(answer, body, OpenAIErrors.UpstreamError($"The provider answered with status {(int)answer.StatusCode}."));
        }
    }

    /// <summary>The caller is not told what the provider said about the gateway's own business; the operator is.</summary>
    private static CallOutcome Failed(HttpResponseMessage answer, ReadOnlySpan<byte> body, OpenAIError error) =>
        CallOutcome.ProviderFailed(error) with
        {
            UpstreamStatus = (int)answer.StatusCode,
            Detail = ProviderErrorReader.TryRead(body, out var said) ? said.Message : null,
        };

    private static ProviderError Clean(Call call, ProviderError error) =>
        ErrorSanitizer.Clean(error, call.Credential, call.Target.ModelId, call.Target.CanonicalName);

    private static TimeSpan? RetryAfter(Call call, HttpResponseMessage answer)
    {
        var header = answer.Headers.RetryAfter;
        return header?.Delta ?? (header?.Date is { } date && date > call.Id.ArrivedAt ? date - call.Id.ArrivedAt : null);
    }
}
