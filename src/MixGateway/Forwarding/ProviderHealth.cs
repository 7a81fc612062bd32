using MixGateway.Catalog;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>Reads what YARP knows of a provider's cluster.</summary>
internal sealed class ProviderHealth(IProxyStateLookup clusters, UpstreamFaults faults) : IProviderHealth
{
    public IReadOnlyList<DestinationStatus> Of(Provider provider)
    {
        clusters.TryGetCluster(provider.Name, out var cluster);
        return [.. provider.Credentials.Select(credential => StatusOf(provider.Name, UpstreamTarget.DestinationId(credential), cluster))];
    }

    /// <summary>A destination that YARP has not taken in yet, right after an edit, is unknown to it.</summary>
    private DestinationStatus StatusOf(string provider, string id, ClusterState? cluster)
    {
        var errors = faults.Of(provider, id);
        return cluster is not null && cluster.Destinations.TryGetValue(id, out var destination)
            ? new DestinationStatus(
                id, HealthOf(destination), cluster.DestinationsState.AvailableDestinations.Contains(destination), destination.ConcurrentRequestCount, errors)
            : new DestinationStatus(id, HealthState.Unknown, false, 0, errors);
    }

    private static HealthState HealthOf(DestinationState destination) => (destination.Health.Active, destination.Health.Passive) switch
    {
        (DestinationHealth.Unhealthy, _) or (_, DestinationHealth.Unhealthy) => HealthState.Unhealthy,
        (DestinationHealth.Healthy, _) or (_, DestinationHealth.Healthy) => HealthState.Healthy,
        _ => HealthState.Unknown,
    };
}
