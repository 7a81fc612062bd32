using Microsoft.Extensions.Options;
using MixGateway.Catalog;
using MixGateway.Diagnostics;
using MixGateway.Forwarding.Connections;
using MixGateway.Usage;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace MixGateway.Forwarding;

/// <summary>Puts the forwarding of calls together.</summary>
internal static class ForwardingExtensions
{
    public static void AddForwarding(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<LimitsOptions>().BindConfiguration(LimitsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitsOptions>, ValidateLimitsOptions>();
        services.AddSingleton(static provider => BufferBudget.Of(provider.GetRequiredService<IOptions<LimitsOptions>>().Value));
        services.AddSingleton<ICatalogRule, ClusterRule>();
        services.AddSingleton<ClientCertificates>();
        services.AddSingleton<ICatalogRule, ClientCertificateRule>();
        services.AddSingleton<CatalogProxyConfig>();
        services.AddSingleton<IProxyConfigProvider>(static provider => provider.GetRequiredService<CatalogProxyConfig>());
        services.AddSingleton<IPassiveHealthCheckPolicy, UpstreamHealthPolicy>();
        services.AddSingleton<UpstreamHealth>();
        services.AddFeatureMetrics<ForwardingMetrics>();
        services.AddSingleton<UpstreamFaults>();
        services.AddSingleton<IProviderHealth, ProviderHealth>();
        services.AddSingleton<TokenEstimator>();
        services.AddSingleton<UnknownModels>();
        services.AddSingleton<CallGate>();
        services.AddSingleton<CallLog>();
        services.AddSingleton<HiddenReasoning>();
        services.AddSingleton<StreamUsageRefusals>();
        services.AddSingleton<CallTokens>();
        services.AddSingleton<CallRecorder>();
        services.AddHostedService<CallHeartbeat>();
        services.AddSingleton<StreamRelay>();
        services.AddSingleton<JsonRelay>();
        services.AddSingleton<UpstreamRequestTransform>();
        services.AddSingleton<UpstreamResponseTransform>();
        services.AddReverseProxy().AddTransforms(static context =>
        {
            // Nothing passes by itself, in either direction.
            context.CopyRequestHeaders = false;
            context.CopyResponseHeaders = false;
            context.CopyResponseTrailers = false;
            context.UseDefaultForwarders = false;
            context.RequestTransforms.Add(context.Services.GetRequiredService<UpstreamRequestTransform>());
            context.ResponseTransforms.Add(context.Services.GetRequiredService<UpstreamResponseTransform>());
        });
        services.AddSingleton<IUpstreamNetwork, UpstreamNetwork>();
        services.AddSingleton<UpstreamConnectors>();
        services.AddSingleton<UpstreamCertificates>();
        services.AddSingleton<ProviderCheck>();
        services.AddSingleton<UpstreamResends>();
        services.AddSingleton<IForwarderHttpClientFactory, UpstreamClientFactory>();
    }

    /// <summary>The proxy pipeline of <c>/v1</c>, in the order a call passes it.</summary>
    public static void MapForwarding(this WebApplication app) => app.MapReverseProxy(static pipeline =>
    {
        pipeline.UseMiddleware<CallMiddleware>();
        pipeline.UseMiddleware<AttemptMiddleware>();
        pipeline.UsePassiveHealthChecks();
        pipeline.UseLoadBalancing();
    });
}
