namespace MixGateway.Forwarding;

/// <summary>The head of an event stream to a caller.</summary>
internal static class StreamHeaders
{
    public const string ContentType = "text/event-stream";

    public static void Set(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-cache";

        // nginx in front of us would otherwise collect events before it passes them on.
        response.Headers["X-Accel-Buffering"] = "no";
    }
}
