using System.Globalization;

namespace MixGateway.OpenAI;

/// <summary>Every error that the gateway answers with. Callers' code depends on type and code, so the list is closed.</summary>
internal static class OpenAIErrors
{
    private const string InvalidRequest = "invalid_request_error";
    private const string Permission = "permission_error";
    private const string RateLimit = "rate_limit_error";
    private const string Quota = "insufficient_quota";
    private const string Upstream = "upstream_error";
    private const string Server = "server_error";

    /// <summary>Longer names are cut where a message repeats them.</summary>
    private const int MaxEcho = 200;

    public static OpenAIError MissingKey() =>
        new(401, InvalidRequest, "invalid_api_key", "No API key was sent. Send one in the header 'Authorization: Bearer sk-…'. Create keys in the console.") { ShouldRetry = false };

    public static OpenAIError InvalidKey() =>
        new(401, InvalidRequest, "invalid_api_key", "The API key is wrong, revoked or expired. Check it, or create a new one in the console.") { ShouldRetry = false };

    public static OpenAIError AccountSuspended() =>
        new(403, Permission, "account_suspended", "The account of this API key is suspended. Ask the operator of this gateway.");

    public static OpenAIError ModelNotAllowed(string model) =>
        new(403, Permission, "model_not_allowed", $"This API key may not use the model '{Short(model)}'. GET /v1/models lists what it may use.", "model");

    public static OpenAIError AddressNotAllowed() =>
        new(403, Permission, "ip_not_allowed", "This API key may not be used from your network address. Its owner sets the allowed addresses in the console.");

    public static OpenAIError InvalidJson(string message) => new(400, InvalidRequest, null, message);

    public static OpenAIError InvalidParameter(string param, string message) => new(400, InvalidRequest, null, message, param);

    /// <param name="suggestion">The name that was probably meant; null if none is near.</param>
    public static OpenAIError ModelNotFound(string model, string? suggestion = null) =>
        new(
            404,
            InvalidRequest,
            "model_not_found",
            suggestion is null
                ? $"The model '{Short(model)}' is not configured here. Names are 'provider:model'; GET /v1/models lists them."
                : $"The model '{Short(model)}' is not configured here. Did you mean '{Short(suggestion)}'? Names are matched exactly; GET /v1/models lists them.",
            "model");

    /// <param name="reason">Who does not know it, and what to do.</param>
    public static OpenAIError ModelUnknown(string model, string reason) =>
        new(404, InvalidRequest, "model_not_found", $"The model '{Short(model)}' does not exist. {reason}", "model");

    /// <param name="suggestion">The path that was meant; null if that is not known.</param>
    public static OpenAIError UnknownUrl(string path, string? suggestion) =>
        new(
            404,
            InvalidRequest,
            "unknown_url",
            suggestion is null
                ? $"The path '{Short(path)}' does not exist. The API's paths begin with /v1, such as POST /v1/chat/completions."
                : $"The path '{Short(path)}' does not exist. Use '{Short(suggestion)}'; a client's base URL ends with /v1.");

    public static OpenAIError MethodNotAllowed(string method, string allowed) =>
        new(405, InvalidRequest, "method_not_allowed", $"The method {Short(method)} is not allowed here. Use {allowed}.");

    public static OpenAIError UnsupportedMediaType() =>
        new(415, InvalidRequest, "unsupported_media_type", "The body's media type or encoding is not supported here. Send 'Content-Type: application/json', not compressed.");

    public static OpenAIError RequestTimeout() =>
        new(408, InvalidRequest, "request_timeout", "The request's body came too slowly or not whole. Send it again.");

    /// <param name="limit">In bytes.</param>
    public static OpenAIError RequestTooLarge(long limit) =>
        new(413, InvalidRequest, "request_too_large", $"The request's body is larger than {limit.ToString("N0", CultureInfo.InvariantCulture)} bytes. Send a smaller one.");

    /// <param name="message">What the call may cost, what is available, what to change.</param>
    /// <param name="status"><c>Quotas:InsufficientQuotaStatus</c>: 402, at which agents stop, or OpenAI's own 429.</param>
    /// <param name="retryAfter">When running calls may have released what they hold; null if only more credit or a smaller call helps.</param>
    public static OpenAIError InsufficientQuota(string message, int status, TimeSpan? retryAfter = null) =>
        new(status, Quota, "insufficient_quota", message) { RetryAfter = retryAfter, ShouldRetry = retryAfter is not null };

    public static OpenAIError RateLimitExceeded(string message, TimeSpan? retryAfter) =>
        new(429, RateLimit, "rate_limit_exceeded", message) { RetryAfter = retryAfter };

    public static OpenAIError UpstreamRateLimited(TimeSpan? retryAfter) =>
        new(429, RateLimit, "upstream_rate_limited", "The model's provider is at its own rate limit. Wait a little and try again, or use another model.") { RetryAfter = retryAfter };

    /// <summary>The caller's own mistake, found by the provider.</summary>
    /// <param name="error">Already cleaned by <see cref="ErrorSanitizer"/>.</param>
    public static OpenAIError FromProvider(int status, ProviderError error) =>
        new(status, error.Type ?? InvalidRequest, error.Code, error.Message ?? $"The model's provider refused the request with status {status} and gave no reason.", error.Param);

    /// <param name="message">
    /// Where trying again can help it has the words that clients look for ("server error", "connection reset"): several agents decide
    /// by the message alone. docs/api.md has the table.
    /// </param>
    public static OpenAIError UpstreamError(string message) => new(502, Upstream, "upstream_error", message);

    public static OpenAIError UpstreamUnreachable() =>
        new(502, Upstream, "upstream_unreachable", "The model's provider could not be reached (connection error). Try again, or use another model.");

    public static OpenAIError UpstreamUnavailable(TimeSpan retryAfter) =>
        new(503, Upstream, "upstream_unavailable", "No destination of the model's provider is available at the moment. Try again later, or use another model.") { RetryAfter = retryAfter };

    public static OpenAIError UpstreamTimeout() =>
        new(504, Upstream, "upstream_timeout", "The model's provider did not answer in time (server error). Try again, or ask for a shorter answer.");

    public static OpenAIError ServiceUnavailable(string message, TimeSpan? retryAfter = null) =>
        new(503, Server, "service_unavailable", message) { RetryAfter = retryAfter ?? TimeSpan.FromSeconds(1) };

    public static OpenAIError OutOfMemory() =>
        ServiceUnavailable("The gateway is out of memory for requests. Try again in a moment, or send a smaller request.");

    public static OpenAIError InternalError() =>
        new(500, Server, "internal_error", "The gateway failed. Try again; if it stays, give the request id to its operator.");

    /// <summary>
    /// The error as the last event of a stream. Where trying again can help, the message has the words that clients look for, because they
    /// have no status there: "server error" and "connection reset" between them are known to all that decide by words.
    /// </summary>
    public static OpenAIError InStream(OpenAIError error)
    {
        if (error.Status < 500 && error.Status != 429)
        {
            return error;
        }

        var hasServer = error.Message.Contains("server error", StringComparison.OrdinalIgnoreCase);
        var hasReset = error.Message.Contains("connection reset", StringComparison.OrdinalIgnoreCase);
        return (hasServer, hasReset) switch
        {
            (true, true) => error,
            (true, false) => error with { Message = error.Message + " (connection reset)" },
            (false, true) => error with { Message = error.Message + " (server error)" },
            _ => error with { Message = error.Message + " (server error, connection reset)" },
        };
    }

    private static string Short(string text) => text.Length <= MaxEcho ? text : string.Concat(text.AsSpan(0, MaxEcho), "…");
}
