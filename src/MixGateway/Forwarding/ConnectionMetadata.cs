using System.Security.Cryptography;
using System.Text;
using MixGateway.Catalog;
using MixGateway.Forwarding.Connections;

namespace MixGateway.Forwarding;

/// <summary>
/// A cluster's metadata with the settings of a provider's connections that YARP has no place for. YARP hands the object on as it is, and compares
/// it by its entries: the one that is added changes with those settings, and tells nobody what they are.
/// </summary>
internal sealed class ConnectionMetadata : Dictionary<string, string>
{
    private const string Key = "MixGateway.Connections";

    public ConnectionMetadata(Provider provider, IReadOnlyDictionary<string, string>? configured)
        : base(configured ?? new Dictionary<string, string>())
    {
        Provider = provider;
        var proxy = provider.Proxy;
        var certificate = provider.ClientCertificate;
        var settings = string.Join('\0', provider.ConnectTimeout, provider.AddressFamily, proxy, proxy?.User, proxy?.Password, proxy?.UsesDefaultCredentials, certificate?.Path, certificate?.KeyPath, certificate?.Password);
        Route = new UpstreamRoute(provider.Name, proxy, certificate is not null);
        this[Key] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings)));
    }

    public Provider Provider { get; }

    /// <summary>Of all connections that are made with these settings.</summary>
    public UpstreamRoute Route { get; }

    /// <summary>True if connections made for the one do for the other.</summary>
    public static bool AreSame(IReadOnlyDictionary<string, string>? left, IReadOnlyDictionary<string, string>? right) =>
        left?.GetValueOrDefault(Key) == right?.GetValueOrDefault(Key);
}
