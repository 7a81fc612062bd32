using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using MixGateway.OpenAI;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>
/// The attempt loop inside YARP's pipeline: assigns the candidate's cluster, lets YARP forward, and reads the outcome.
/// One candidate is tried; the plan's order and <see cref="CallOutcome.Retryable"/> are what a second attempt would go by.
/// </summary>
internal sealed class AttemptMiddleware(
    RequestDelegate next, IProxyStateLookup clusters, ForwardingMetrics metrics, UpstreamFaults faults, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var call = context.Features.GetRequiredFeature<Call>();
        call.Target = call.Plan!.Candidates[0];
        call.Attempts++;
        if (!clusters.TryGetCluster(call.Target.Provider.Name, out var cluster))
        {
            // The catalog was reloaded this very moment and YARP has not taken the new provider in yet.
            call.Outcome = CallOutcome.ProviderFailed(OpenAIErrors.UpstreamUnavailable(UpstreamFailure.RetryAfter));
            return;
        }

        var body = ArrayPool<byte>.Shared.Rent(RequestEditor.EditedLength(call.Envelope, call.Target.ModelIdJson.Span));
        try
        {
            using var watch = new UpstreamWatch(call.Target.Provider, time, call.CallerAborted);
            call.Watch = watch;
            await AttemptAsync(call, cluster, body);
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

    private async ValueTask AttemptAsync(Call call, ClusterState cluster, byte[] body)
    {
        var context = call.Context;
        var length = RequestEditor.Edit(call.Body.Span, call.Envelope, call.Target.ModelIdJson.Span, body);
        context.Request.Body = new MemoryStream(body, 0, length, writable: false);
        context.Request.ContentLength = length;
        context.RequestAborted = call.Watch.Token;
        if (call.Target.Provider.OnDisconnect == Catalog.OnDisconnect.Drain)
        {
            call.Watch.DrainWhenCallerLeaves();
        }

        // The route has to carry the cluster too: passive health and load balancing read it there.
        var route = context.GetRouteModel();
        context.ReassignProxyRequest(new RouteModel(route.Config, cluster, route.Transformer), cluster);
        call.Times.WaitBegins();
        await next(context);
        call.Times.WaitEnds();

        call.Outcome ??= UpstreamFailure.Judge(context.GetForwarderErrorFeature(), call.Watch);
        metrics.Attempted(call, call.Outcome);
        if (context.GetReverseProxyFeature().ProxiedDestination is { } destination)
        {
            faults.Note(call, destination.DestinationId);
        }
    }
}
