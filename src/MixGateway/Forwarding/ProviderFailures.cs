using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>Turns what a provider said of its failure, by status or inside a 200, into what becomes of the attempt and what the caller is told.</summary>
internal static class ProviderFailures
{
    /// <summary>How long a caller is asked to wait where a provider limits the rate and does not say for how long.</summary>
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>A failure that the provider reported inside a 200.</summary>
    public static CallOutcome Reported(Call call, ProviderFailure failure) =>
        Of(call, failure.Kind, failure.Status, failure.Error, retryAfter: null, failure.Summary) with { UpstreamStatus = StatusCodes.Status200OK };

    /// <summary>Decides by kind.</summary>
    /// <param name="status">The status of the answer or of the error inside it; 0 if there is none.</param>
    /// <param name="summary">What the caller is told of a plain failure.</param>
    public static CallOutcome Of(Call call, ProviderFailureKind kind, int status, ProviderError? error, TimeSpan? retryAfter, string summary)
    {
        var outcome = kind switch
        {
            ProviderFailureKind.CallersMistake when error is not null =>
                CallOutcome.Refused(OpenAIErrors.FromProvider(status, Clean(call, error))),
            ProviderFailureKind.RateLimited =>
                CallOutcome.ProviderFailed(OpenAIErrors.UpstreamRateLimited(retryAfter ?? DefaultRetryAfter)),
            ProviderFailureKind.Quota when status == StatusCodes.Status429TooManyRequests =>
                CallOutcome.ProviderFailed(OpenAIErrors.UpstreamUnavailable(retryAfter ?? DefaultRetryAfter)),
            ProviderFailureKind.Credential or ProviderFailureKind.Quota =>
                CallOutcome.ProviderFailed(OpenAIErrors.UpstreamError("The provider refused the gateway's credential. The operator of this gateway has to look at it.")),
            _ => CallOutcome.ProviderFailed(OpenAIErrors.UpstreamError(summary) with { RetryAfter = retryAfter }),
        };
        return outcome with { Detail = DetailOf(kind, error) };
    }

    /// <summary>The caller is not told what the provider said about the gateway's own business; the operator is.</summary>
    private static string? DetailOf(ProviderFailureKind kind, ProviderError? error)
    {
        var said = error is null ? null : error.Code is { } code && error.Message is { } message ? $"{message} ({code})" : error.Message ?? error.Code ?? error.Type;
        return kind == ProviderFailureKind.Quota ? $"The gateway's account at the provider has no credit or quota left. {said}".TrimEnd() : said;
    }

    private static ProviderError Clean(Call call, ProviderError error) =>
        ErrorSanitizer.Clean(error, call.Credential, call.Target.ModelId, call.Target.CanonicalName);
}
