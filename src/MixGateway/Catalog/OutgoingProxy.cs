using System.Net;

namespace MixGateway.Catalog;

/// <summary>A proxy on the way out of the operator's network.</summary>
/// <param name="Address">Scheme, host and port alone: <c>http</c>, <c>https</c> or <c>socks5</c>. It may be shown.</param>
internal sealed record OutgoingProxy(Uri Address)
{
    /// <summary>Null where the proxy asks for none.</summary>
    public string? User { get; init; }

    /// <summary>Secret.</summary>
    public string? Password { get; init; }

    /// <summary>True to sign in with the account that the gateway runs under.</summary>
    public bool UsesDefaultCredentials { get; init; }

    /// <summary>What the HTTP client signs in with; null for nothing.</summary>
    public ICredentials? Credentials =>
        User is not null ? new NetworkCredential(User, Password) : UsesDefaultCredentials ? CredentialCache.DefaultCredentials : null;

    /// <summary>As an operator writes it, without user and password.</summary>
    public override string ToString() => $"{Address.Scheme}://{Address.Authority}";
}

/// <summary>Which proxy leads to which address: the section <c>Proxy</c>, or the environment's variables where it is not written.</summary>
/// <param name="Http">For <c>http</c> addresses; null to connect directly.</param>
/// <param name="Https">For <c>https</c> addresses; null to connect directly.</param>
/// <param name="Exceptions">Addresses that are connected to directly.</param>
internal sealed record OutgoingRoutes(OutgoingProxy? Http, OutgoingProxy? Https, ProxyExceptions Exceptions)
{
    /// <summary>Everything is connected to directly.</summary>
    public static readonly OutgoingRoutes Direct = new(null, null, ProxyExceptions.None);

    /// <returns>Null to connect directly.</returns>
    public OutgoingProxy? For(Uri target)
    {
        var proxy = target.Scheme == Uri.UriSchemeHttps ? Https : Http;
        return proxy is null || Exceptions.Cover(target) ? null : proxy;
    }
}
