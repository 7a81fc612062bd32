using System.Globalization;
using System.Net;
using MixGateway.Catalog;
using MixGateway.Forwarding.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace MixGateway.Forwarding;

/// <summary>
/// The HTTP client of a provider: decompresses for the tap, follows DNS, finds dead connections, sends again what was not processed, and
/// tells the provider nothing about our traces.
/// </summary>
internal sealed class UpstreamClientFactory(
    UpstreamConnectors connectors, UpstreamCertificates certificates, UpstreamResends resends, TimeProvider time, ILogger<ForwarderHttpClientFactory> logger)
    : ForwarderHttpClientFactory(logger)
{
    /// <summary>Without a lifetime a moved provider would be called at its old address for ever.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    /// <summary>With the client's own clock, which looks every quarter of the time-out, a dead HTTP/2 connection is found within 15 s.</summary>
    private static readonly TimeSpan KeepAlivePing = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(4);

    /// <inheritdoc/>
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.AutomaticDecompression = DecompressionMethods.All;
        handler.PooledConnectionLifetime = ConnectionLifetime;
        handler.KeepAlivePingDelay = KeepAlivePing;
        handler.KeepAlivePingTimeout = KeepAliveTimeout;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.ActivityHeadersPropagator = null;
        handler.ConnectCallback = connectors.Of(FamilyOf(context.NewMetadata)).ConnectAsync;
        handler.PlaintextStreamFilter = FilterAsync;
        certificates.Watch(context.ClusterId, handler.SslOptions);
        if (ConnectTimeoutOf(context.NewMetadata) is { } connectTimeout)
        {
            handler.ConnectTimeout = connectTimeout;
        }
    }

    /// <inheritdoc/>
    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler)
    {
        // As YARP makes its own.
        var fresh = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        ConfigureHandler(context, fresh);

        // A connection without a lifetime is never taken out of the pool again.
        fresh.PooledConnectionLifetime = TimeSpan.Zero;
        return new UpstreamHandler(context.ClusterId, handler, fresh, resends, time);
    }

    /// <inheritdoc/>
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context)
        && ConnectTimeoutOf(context.OldMetadata) == ConnectTimeoutOf(context.NewMetadata)
        && FamilyOf(context.OldMetadata) == FamilyOf(context.NewMetadata);

    /// <summary>A proxy's answer to CONNECT is not the provider's, so the connection to the proxy itself is left alone.</summary>
    private static ValueTask<Stream> FilterAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(
            context.NegotiatedHttpVersion.Major == 1 && context.InitialRequestMessage.Method != HttpMethod.Connect
                ? new Http1Stream(context.PlaintextStream)
                : context.PlaintextStream);

    private static TimeSpan? ConnectTimeoutOf(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(CatalogProxyConfig.ConnectTimeoutKey, out var text)
            ? TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture)
            : null;

    private static UpstreamAddressFamily FamilyOf(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(CatalogProxyConfig.AddressFamilyKey, out var text) ? Enum.Parse<UpstreamAddressFamily>(text) : UpstreamAddressFamily.Any;
}
