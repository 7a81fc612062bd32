using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using MixGateway.Catalog;
using MixGateway.Forwarding.Connections;
using MixGateway.OpenAI;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>
/// The attempt loop inside YARP's pipeline: assigns a candidate's cluster, lets YARP forward, and reads the outcome. After a failure
/// that is the provider's, and while nothing went to the caller, another credential of the same provider is tried, then the
/// next model of the plan: at most <see cref="LimitsOptions.MaxAttempts"/> in all, but each model of the plan at least once. A request
/// that was lost with its connection is tried again once, with the same credential if there is no other.
/// </summary>
internal sealed class AttemptMiddleware(
    RequestDelegate next, IProxyStateLookup clusters, IOptions<LimitsOptions> limits, HiddenReasoning hidden, StreamUsageRefusals usageRefusals,
    ForwardingMetrics metrics, CallLog log, UpstreamFaults faults, TimeProvider time)
{
    private readonly int _maxAttempts = limits.Value.MaxAttempts;
    private readonly TimeSpan _heartbeat = limits.Value.StreamHeartbeat;

    public async Task InvokeAsync(HttpContext context)
    {
        var call = context.Features.GetRequiredFeature<Call>();
        var candidates = call.Plan!.Candidates;
        var startedAt = time.GetTimestamp();
        if (_heartbeat > TimeSpan.Zero && call.Envelope.Stream)
        {
            context.Features.Set<IHttpResponseFeature>(new BegunResponse(context.Features.GetRequiredFeature<IHttpResponseFeature>()));
            call.Heartbeat = new StreamHeartbeat(context, _heartbeat, time);
        }

        for (var i = 0; i < candidates.Length; i++)
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
        await call.StopHeartbeatAsync();
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
        DestinationState? again = null;
        for (; attempts > 0 && time.GetElapsedTime(startedAt) < candidate.Provider.TotalTimeout; attempts--)
        {
            var proxy = Assign(call.Context, cluster, tried, again);
            if (proxy.AvailableDestinations.Count == 0)
            {
                break;
            }

            call.BeginAttempt(candidate, needsNewConnection: again is not null);
            call.AsksStreamUsage = usageRefusals.ShouldAsk(candidate);
            await AttemptAsync(call, startedAt);
            if (call.Outcome is { RefusesStreamUsage: true } && MayBeSentAgain(call))
            {
                // What the gateway added was refused, not what the caller asked: once more without, also where one attempt is all there is.
                usageRefusals.Add(candidate);
                (tried ??= []).Add(proxy.ProxiedDestination!);
                again = proxy.ProxiedDestination;
                attempts++;
                continue;
            }

            if (!MayTryAgain(call))
            {
                return false;
            }

            (tried ??= []).Add(proxy.ProxiedDestination!);
            again = null;
            if (call.Outcome!.Loss == ConnectionLoss.Unanswered)
            {
                if (call.IsResent)
                {
                    break;
                }

                call.IsResent = true;
                again = proxy.ProxiedDestination;
            }
        }

        return true;
    }

    /// <summary>The route has to carry the cluster too: passive health and load balancing read it there.</summary>
    /// <param name="tried">The destinations that this call has used.</param>
    /// <param name="again">One of them that may be used once more if there is no other.</param>
    private static IReverseProxyFeature Assign(HttpContext context, ClusterState cluster, List<DestinationState>? tried, DestinationState? again)
    {
        var route = context.GetRouteModel();
        context.ReassignProxyRequest(new RouteModel(route.Config, cluster, route.Transformer), cluster);
        var proxy = context.GetReverseProxyFeature();
        if (tried is not null)
        {
            var untried = Untried(cluster, proxy.AvailableDestinations, tried);
            proxy.AvailableDestinations = untried.Length == 0 && again is not null ? [again] : untried;
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
        call.Outcome is { Retryable: true } outcome
        && (outcome.Loss != ConnectionLoss.Unanswered || call.Target.Provider.ResendUnanswered)
        && MayBeSentAgain(call);

    private static bool MayBeSentAgain(Call call) =>
        !call.Recorded
        && call.CanBeSentAgain
        && !call.Context.Response.HasStarted
        && !call.CallerAborted.IsCancellationRequested
        && call.Watch.Reason != WatchReason.TotalTimeout;

    private async ValueTask AttemptAsync(Call call, long startedAt)
    {
        var context = call.Context;
        try
        {
            using var watch = new UpstreamWatch(call.Target.Provider, time, startedAt, call.CallerAborted);
            call.Watch = watch;
            context.RequestAborted = watch.Token;
            if (call.Target.Provider.OnDisconnect == OnDisconnect.Drain || hidden.IsHiddenBy(call.Target))
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
        }
    }
}
