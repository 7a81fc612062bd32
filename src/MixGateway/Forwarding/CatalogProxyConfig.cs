using System.Runtime.CompilerServices;
using Microsoft.Extensions.Primitives;
using MixGateway.Catalog;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;

namespace MixGateway.Forwarding;

/// <summary>
/// The catalog as YARP sees it: a provider is a cluster, each of its credentials a destination. Calls enter by one route
/// whose cluster is empty; the attempt loop chooses the real one.
/// </summary>
internal sealed class CatalogProxyConfig(CatalogStore catalog) : IProxyConfigProvider
{
    public const string EntryRoute = "openai";
    public const string EntryCluster = "unassigned";

    private static readonly RouteConfig Route = new()
    {
        RouteId = EntryRoute,
        ClusterId = EntryCluster,
        Match = new RouteMatch { Path = "/v1/{**path}" },
    };

    private readonly ConditionalWeakTable<Provider, UpstreamTarget> _targets = [];

    public IProxyConfig GetConfig()
    {
        // The token is read first: a swap in between then leads to one load too many, never to one too few.
        var token = catalog.ChangeToken;
        return new Config(catalog.Current, token);
    }

    public UpstreamTarget TargetOf(Provider provider) => _targets.GetValue(provider, static p => new UpstreamTarget(p));

    /// <summary>The cluster of a provider: what the operator configured, under what the gateway itself decides.</summary>
    public static ClusterConfig ClusterOf(Provider provider)
    {
        var configured = ClusterSettings.Bind(provider);
        var request = configured.HttpRequest ?? Yarp.ReverseProxy.Forwarder.ForwarderRequestConfig.Empty;
        return configured with
        {
            ClusterId = provider.Name,
            Destinations = provider.Credentials.ToDictionary(
                UpstreamTarget.DestinationId, _ => new DestinationConfig { Address = provider.BaseUrl.AbsoluteUri }),
            HealthCheck = new HealthCheckConfig
            {
                Active = configured.HealthCheck?.Active,
                Passive = configured.HealthCheck?.Passive ?? new PassiveHealthCheckConfig { Enabled = true, Policy = UpstreamHealthPolicy.PolicyName },

                // The last credential of a provider is never taken out: its own error says more than ours.
                AvailableDestinationsPolicy = configured.HealthCheck?.AvailableDestinationsPolicy ?? HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            },

            // UpstreamWatch has the time-outs; YARP's would end the relay that runs inside its response transform.
            HttpRequest = request with { ActivityTimeout = provider.TotalTimeout + TimeSpan.FromMinutes(1) },
            Metadata = new ConnectionMetadata(provider, configured.Metadata),
        };
    }

    private sealed class Config : IProxyConfig
    {
        public Config(CatalogSnapshot snapshot, IChangeToken changeToken)
        {
            ChangeToken = changeToken;
            Routes = [Route];
            Clusters = [new ClusterConfig { ClusterId = EntryCluster }, .. snapshot.Providers.Values.Select(ClusterOf)];
        }

        public IReadOnlyList<RouteConfig> Routes { get; }

        public IReadOnlyList<ClusterConfig> Clusters { get; }

        public IChangeToken ChangeToken { get; }
    }
}
