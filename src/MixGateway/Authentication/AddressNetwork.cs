using System.Net;
using System.Net.Sockets;

namespace MixGateway.Authentication;

/// <summary>The part of an address that attempts are counted by.</summary>
internal static class AddressNetwork
{
    private const int NetworkBytes = 8;

    /// <summary>An IPv4 address as it is; of IPv6 the /64 network, because one caller has all of its 2^64 addresses. Empty where there is no address.</summary>
    public static string Of(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, NetworkBytes)),
        _ => address.ToString(),
    };
}
