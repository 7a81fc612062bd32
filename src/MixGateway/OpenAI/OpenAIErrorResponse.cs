using System.Globalization;

namespace MixGateway.OpenAI;

/// <summary>The one place that answers a request with an error in OpenAI's form.</summary>
internal static class OpenAIErrorResponse
{
    /// <summary>Writes status, headers and body. The response must not have started.</summary>
    public static async ValueTask WriteErrorAsync(this HttpContext context, OpenAIError error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.ShouldRetry is { } shouldRetry)
        {
            response.Headers["x-should-retry"] = shouldRetry ? "true" : "false";
        }

        response.ContentLength = OpenAIErrorWriter.Write(response.BodyWriter, error, context.TraceIdentifier);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
