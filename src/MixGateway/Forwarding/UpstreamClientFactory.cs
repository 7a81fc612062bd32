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
    UpstreamConnectors connectors, UpstreamCertificates certificates, ClientCertificates clientCertificates, UpstreamResends resends, TimeProvider time,
    ILogger<ForwarderHttpClientFactory> logger)
    : ForwarderHttpClientFactory(logger)
{
    /// <summary>Without a lifetime a moved provider would be called at its old address for ever.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    /// <summary>With the client's own clock, which looks every quarter of the time-out, a dead HTTP/2 connection is found within 15 s.</summary>
    private static readonly TimeSpan KeepAlivePing = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(4);

    /// <summary>
    /// What a provider may send of an answer before the gateway has read it, in bytes for each stream of HTTP/2. The HTTP client would raise it to 16 MiB,
    /// beside the budget for buffers: MixGateway.csproj turns that off. At 100 ms to the provider this is 1.3 MB a second for each call.
    /// </summary>
    internal const int Http2Window = 128 * 1024;

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
        handler.InitialHttp2StreamWindowSize = Http2Window;
        var provider = ProviderOf(context.NewMetadata);
        handler.ConnectCallback = connectors.Of(provider?.AddressFamily ?? UpstreamAddressFamily.Any).ConnectAsync;
        var route = RouteOf(context);
        handler.PlaintextStreamFilter = (connection, _) => ValueTask.FromResult(Filter(connection, route));
        certificates.Watch(context.ClusterId, handler.SslOptions);
        if (provider is null)
        {
            return;
        }

        handler.ConnectTimeout = provider.ConnectTimeout;
        if (provider.Proxy is { } proxy)
        {
            handler.UseProxy = true;
            handler.Proxy = new WebProxy(proxy.Address) { Credentials = proxy.Credentials };
        }

        if (provider.ClientCertificate is { } file)
        {
            handler.SslOptions.ClientCertificateContext = clientCertificates.Load(file);
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
        return new UpstreamHandler(context.ClusterId, handler, fresh, RouteOf(context), resends, time);
    }

    /// <inheritdoc/>
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context)
        && ConnectionMetadata.AreSame(context.OldMetadata, context.NewMetadata);

    /// <summary>A proxy's answer to CONNECT is not the provider's, so the connection to the proxy itself is left alone.</summary>
    private static Stream Filter(SocketsHttpPlaintextStreamFilterContext context, UpstreamRoute route) =>
        context.InitialRequestMessage.Method != HttpMethod.Connect
            ? new UpstreamStream(context.PlaintextStream, isShared: context.NegotiatedHttpVersion.Major > 1, route)
            : context.PlaintextStream;

    private static UpstreamRoute RouteOf(ForwarderHttpClientContext context) => (context.NewMetadata as ConnectionMetadata)?.Route ?? UpstreamRoute.DirectTo(context.ClusterId);

    private static Provider? ProviderOf(IReadOnlyDictionary<string, string>? metadata) => (metadata as ConnectionMetadata)?.Provider;
}
