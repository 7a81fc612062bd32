using System.Globalization;
using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace MixGateway.Forwarding;

/// <summary>The HTTP client of a provider: decompresses for the tap, follows DNS, and tells the provider nothing about our traces.</summary>
internal sealed class UpstreamClientFactory(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    /// <summary>Without a lifetime a moved provider would be called at its old address for ever.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan KeepAlivePing = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.AutomaticDecompression = DecompressionMethods.All;
        handler.PooledConnectionLifetime = ConnectionLifetime;
        handler.KeepAlivePingDelay = KeepAlivePing;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.ActivityHeadersPropagator = null;
        if (ConnectTimeoutOf(context.NewMetadata) is { } connectTimeout)
        {
            handler.ConnectTimeout = connectTimeout;
        }
    }

    /// <inheritdoc/>
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && ConnectTimeoutOf(context.OldMetadata) == ConnectTimeoutOf(context.NewMetadata);

    private static TimeSpan? ConnectTimeoutOf(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(CatalogProxyConfig.ConnectTimeoutKey, out var text)
            ? TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture)
            : null;
}
