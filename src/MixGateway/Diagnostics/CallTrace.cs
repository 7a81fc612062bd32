using System.Diagnostics;

namespace MixGateway.Diagnostics;

/// <summary>
/// Spans of calls and of their attempts, by OpenTelemetry's conventions for generative AI: ids, names, counts and times, never content or a
/// key. Nothing is made while nobody listens, and nothing of a trace goes to a provider.
/// </summary>
internal static class CallTrace
{
    public const string SourceName = GatewayMeter.Name;

    private const string TraceParent = "traceparent";

    private static readonly ActivitySource Source = new(SourceName, GatewayMeter.Version);

    /// <summary>
    /// A call's span, current from here on; null if nobody listens. It is the root of a trace of its own: a caller's trace is linked, not
    /// joined, so that callers do not decide what is recorded.
    /// </summary>
    public static Activity? BeginCall(HttpContext context)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityLink[]? links = ActivityContext.TryParse(context.Request.Headers[TraceParent], null, isRemote: true, out var theirs) ? [new ActivityLink(theirs)] : null;
        Activity.Current = null;
        return Source.StartActivity("call", ActivityKind.Server, parentContext: default, tags: null, links);
    }

    /// <summary>An attempt's span, inside the call's; null if nobody listens.</summary>
    public static Activity? BeginAttempt(string name) => Source.HasListeners() ? Source.StartActivity(name, ActivityKind.Client) : null;
}
