using System.Diagnostics.Metrics;
using MixGateway.Diagnostics;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>Which destinations of which providers are in use, as YARP has it.</summary>
internal sealed class UpstreamHealth(IProxyStateLookup clusters)
{
    /// <summary>One measurement a destination. It is named by its place among the provider's credentials, never by anything of the secret.</summary>
    public IEnumerable<Measurement<int>> Measure()
    {
        foreach (var cluster in clusters.GetClusters())
        {
            foreach (var destination in cluster.DestinationsState.AllDestinations)
            {
                yield return new Measurement<int>(
                    IsHealthy(destination) ? 1 : 0,
                    new KeyValuePair<string, object?>(GenAI.Provider, cluster.ClusterId),
                    new KeyValuePair<string, object?>("destination", UpstreamTarget.CredentialNameOf(destination.DestinationId)));
            }
        }
    }

    private static bool IsHealthy(DestinationState destination) =>
        destination.Health is { Passive: not DestinationHealth.Unhealthy, Active: not DestinationHealth.Unhealthy };
}
