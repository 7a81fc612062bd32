using System.Net;

namespace MixGateway.Catalog;

/// <summary>The ways out that are in force, for HTTP clients of everything but providers: payments, identities.</summary>
internal sealed class OutgoingWebProxy(CatalogStore catalog) : IWebProxy, ICredentials
{
    /// <inheritdoc/>
    ICredentials? IWebProxy.Credentials
    {
        get => this;
        set => throw new NotSupportedException("Credentials are part of the settings.");
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => catalog.Current.Routes.For(destination)?.Address;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => catalog.Current.Routes.For(host) is null;

    /// <summary>Those of the proxy at the address.</summary>
    public NetworkCredential? GetCredential(Uri uri, string authType)
    {
        var routes = catalog.Current.Routes;
        var proxy = new[] { routes.Https, routes.Http }.FirstOrDefault(proxy => proxy?.Address.Authority == uri.Authority);
        return proxy?.Credentials?.GetCredential(uri, authType);
    }
}
