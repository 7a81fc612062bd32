using System.Collections.Immutable;
using System.Net;

namespace MixGateway.Authentication;

/// <summary>The addresses a key may be used from: CIDR networks and single addresses; no rule allows every address.</summary>
internal sealed class AddressRules
{
    public static readonly AddressRules All = new([]);

    private readonly ImmutableArray<IPNetwork> _networks;

    private AddressRules(ImmutableArray<IPNetwork> networks) => _networks = networks;

    /// <exception cref="FormatException">An entry is neither an address nor a network.</exception>
    public static AddressRules Parse(IReadOnlyCollection<string>? rules) =>
        rules is null or { Count: 0 } ? All : new([.. rules.Select(ParseOne)]);

    /// <summary>An IPv4 caller on a dual-stack socket arrives as an IPv6-mapped address and counts as IPv4.</summary>
    public bool Allows(IPAddress? address)
    {
        if (_networks.IsEmpty)
        {
            return true;
        }

        if (address is null)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in _networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    private static IPNetwork ParseOne(string rule)
    {
        if (IPNetwork.TryParse(rule, out var network))
        {
            return network;
        }

        var address = IPAddress.Parse(rule);
        return new IPNetwork(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
    }
}
