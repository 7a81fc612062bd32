using MixGateway.Forwarding.Connections;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>
/// Takes a credential out of its pool for a while when the provider refuses it, limits it, or does not work with it. YARP's
/// own policy sees transport errors only.
/// </summary>
internal sealed class UpstreamHealthPolicy(IDestinationHealthUpdater updater) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "Upstream";

    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    public string Name => PolicyName;

    /// <inheritdoc/>
    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (context.Features.Get<Call>() is not { } call)
        {
            return;
        }

        // Without an answer nothing has judged the attempt yet.
        var outcome = call.Outcome ??= UpstreamFailure.Judge(context.GetForwarderErrorFeature(), call.Watch);

        if (outcome.Loss != ConnectionLoss.None)
        {
            // The network failed, not the credential: another one would go the same way.
            return;
        }

        // A caller's own mistake or hang-up says nothing about the provider.
        var failed = outcome.Retryable && outcome.Error is not null;
        if (!failed && outcome.Status != Usage.CallStatus.Completed)
        {
            return;
        }

        var wait = outcome.Error?.RetryAfter is { } asked && asked > TimeSpan.Zero ? asked : DefaultPause;
        var pause = wait < LongestPause ? wait : LongestPause;
        updater.SetPassive(cluster, destination, failed ? DestinationHealth.Unhealthy : DestinationHealth.Healthy, pause);
    }
}
