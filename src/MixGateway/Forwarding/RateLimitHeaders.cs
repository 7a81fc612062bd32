using System.Globalization;
using MixGateway.Quotas;

namespace MixGateway.Forwarding;

/// <summary>The <c>x-ratelimit-*</c> headers as OpenAI names and writes them; only for limits that exist.</summary>
internal static class RateLimitHeaders
{
    /// <summary>Set when the headers go out: an attempt that is retried clears the headers set before.</summary>
    public static void Set(HttpResponse response, RateLimit? requests, RateLimit? tokens)
    {
        if (requests is not null || tokens is not null)
        {
            response.OnStarting(static state =>
            {
                var (headers, ofRequests, ofTokens) = ((IHeaderDictionary, RateLimit?, RateLimit?))state;
                Write(headers, "requests", ofRequests);
                Write(headers, "tokens", ofTokens);
                return Task.CompletedTask;
            }, (response.Headers, requests, tokens));
        }
    }

    private static void Write(IHeaderDictionary headers, string kind, RateLimit? limit)
    {
        if (limit is { } known)
        {
            headers[$"x-ratelimit-limit-{kind}"] = known.Limit.ToString(CultureInfo.InvariantCulture);
            headers[$"x-ratelimit-remaining-{kind}"] = known.Remaining.ToString(CultureInfo.InvariantCulture);
            headers[$"x-ratelimit-reset-{kind}"] = Duration(known.Reset);
        }
    }

    /// <summary>As Go writes a duration, which is what OpenAI sends: <c>1m2.5s</c>, <c>17ms</c>.</summary>
    private static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)time.TotalMilliseconds)}ms");
        }

        var seconds = Math.Round(time.TotalSeconds, 3);
        return seconds < 60
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)(seconds / 60)}m{Math.Round(seconds % 60, 3)}s");
    }
}
