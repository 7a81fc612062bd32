using System.Buffers;
using System.Buffers.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using MixGateway.Catalog;
using MixGateway.OpenAI;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>
/// The attempt loop inside YARP's pipeline: assigns a candidate's cluster, lets YARP forward, and reads the outcome. After a failure
/// that is the provider's, and while nothing went to the caller, another credential of the same provider is tried, then the
/// next model of the plan: at most <see cref="LimitsOptions.MaxAttempts"/> in all, of which each model that follows keeps one.
/// </summary>
internal sealed class AttemptMiddleware(
    RequestDelegate next, IProxyStateLookup clusters, IOptions<LimitsOptions> limits, ForwardingMetrics metrics, CallLog log, UpstreamFaults faults, TimeProvider time)
{
    private readonly int _maxAttempts = limits.Value.MaxAttempts;

    public async Task InvokeAsync(HttpContext context)
    {
        var call = context.Features.GetRequiredFeature<Call>();
        var candidates = call.Plan!.Candidates;
        var startedAt = time.GetTimestamp();
        for (var i = 0; i < candidates.Length && call.Attempts < _maxAttempts; i++)
        {
            var following = candidates.Length - i - 1;
            var attempts = Math.Max(1, _maxAttempts - call.Attempts - following);
            if (!await TryAsync(call, candidates[i], attempts, startedAt))
            {
                break;
            }
        }

        // No credential of any candidate is taken as usable now.
        call.Outcome ??= CallOutcome.ProviderFailed(OpenAIErrors.UpstreamUnavailable(UpstreamFailure.RetryAfter));
    }

    /// <summary>Tries a model with one credential after the other.</summary>
    /// <returns>True if the next model should be tried.</returns>
    private async ValueTask<bool> TryAsync(Call call, ResolvedModel candidate, int attempts, long startedAt)
    {
        if (!clusters.TryGetCluster(candidate.Provider.Name, out var cluster))
        {
            // The catalog was reloaded this very moment and YARP has not taken the new provider in yet.
            return true;
        }

        List<DestinationState>? tried = null;
        for (; attempts > 0 && time.GetElapsedTime(startedAt) < candidate.Provider.TotalTimeout; attempts--)
        {
            var proxy = Assign(call.Context, cluster, tried);
            if (proxy.AvailableDestinations.Count == 0)
            {
                break;
            }

            call.BeginAttempt(candidate);
            await AttemptAsync(call, startedAt);
            if (!MayTryAgain(call))
            {
                return false;
            }

            (tried ??= []).Add(proxy.ProxiedDestination!);
        }

        return true;
    }

    /// <summary>The route has to carry the cluster too: passive health and load balancing read it there.</summary>
    private static IReverseProxyFeature Assign(HttpContext context, ClusterState cluster, List<DestinationState>? tried)
    {
        var route = context.GetRouteModel();
        context.ReassignProxyRequest(new RouteModel(route.Config, cluster, route.Transformer), cluster);
        var proxy = context.GetReverseProxyFeature();
        if (tried is not null)
        {
            proxy.AvailableDestinations = Untried(cluster, proxy.AvailableDestinations, tried);
        }

        // What the attempt before has left behind. YARP forwards nothing after another status than 200.
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.StatusCode = StatusCodes.Status200OK;
        return proxy;
    }

    /// <summary>
    /// Where the cluster may panic, credentials that are out for a while come after those that are not: YARP's own list says so only
    /// some moments after the last one failed.
    /// </summary>
    private static DestinationState[] Untried(ClusterState cluster, IReadOnlyList<DestinationState> available, List<DestinationState> tried)
    {
        DestinationState[] untried = [.. available.Except(tried)];
        return untried.Length == 0 && cluster.Model.Config.HealthCheck?.AvailableDestinationsPolicy == HealthCheckConstants.AvailableDestinations.HealthyOrPanic
            ? [.. cluster.DestinationsState.AllDestinations.Except(tried)]
            : untried;
    }

    private static bool MayTryAgain(Call call) =>
        call.Outcome is { Retryable: true }
        && !call.Recorded
        && call.CanBeSentAgain
        && !call.Context.Response.HasStarted
        && !call.CallerAborted.IsCancellationRequested
        && call.Watch.Reason != WatchReason.TotalTimeout;

    private async ValueTask AttemptAsync(Call call, long startedAt)
    {
        var context = call.Context;
        var body = CreateBody(call, out var length);
        try
        {
            using var watch = new UpstreamWatch(call.Target.Provider, time, startedAt, call.CallerAborted);
            call.Watch = watch;
            context.Request.Body = new MemoryStream(body, 0, length, writable: false);
            context.Request.ContentLength = length;
            context.RequestAborted = watch.Token;
            if (call.Target.Provider.OnDisconnect == OnDisconnect.Drain)
            {
                watch.DrainWhenCallerLeaves();
            }

            using var span = CallSpans.BeginAttempt(call);
            log.AttemptBegins(call);
            call.Times.WaitBegins();
            await next(context);
            call.Times.WaitEnds();
            call.Outcome ??= UpstreamFailure.Judge(context.GetForwarderErrorFeature(), watch);
            metrics.Attempted(call, call.Outcome);
            log.AttemptEnded(call, call.Outcome);
            CallSpans.EndAttempt(span, call, call.Outcome);
            if (context.GetReverseProxyFeature().ProxiedDestination is { } destination)
            {
                faults.Note(call, destination.DestinationId);
            }
        }
        finally
        {
            context.RequestAborted = call.CallerAborted;
            if (call.Outcome is not null && context.GetForwarderErrorFeature() is null)
            {
                // After an error the HTTP client may still be reading the array: in the pool it could send another caller's prompt.
                ArrayPool<byte>.Shared.Return(body);
            }
        }
    }

    private static byte[] CreateBody(Call call, out int length)
    {
        Span<byte> digits = stackalloc byte[20];
        var limit = call.OutputCap is { } cap && Utf8Formatter.TryFormat(cap, digits, out var written) ? digits[..written] : [];
        var source = call.Body.Span;
        var edits = ExtraEdits.Of(source, call.Envelope, call.Target.Provider.RemovedFields, call.OutputCap);
        var model = call.Target.ModelIdJson.Span;
        var body = ArrayPool<byte>.Shared.Rent(RequestEditor.EditedLength(source.Length, edits, model, limit));
        length = RequestEditor.Edit(source, edits, model, limit, body);
        return body;
    }
}
