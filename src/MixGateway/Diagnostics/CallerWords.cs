using System.Net;
using System.Net.Sockets;

namespace MixGateway.Diagnostics;

/// <summary>What a caller says of itself, as the log may have it.</summary>
internal static class CallerWords
{
    /// <summary>A caller's id is cut to this many characters.</summary>
    private const int MaxIdLength = 128;

    private const int IPv4NetworkBits = 24;
    private const int IPv6NetworkBits = 48;

    /// <summary>The caller's own <c>x-request-id</c>, which is only ever logged; null if it sent none.</summary>
    public static string? RequestId(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(RequestIdMiddleware.HeaderName, out var sent) || sent.ToString() is not { Length: > 0 } id)
        {
            return null;
        }

        var kept = id.Length > MaxIdLength ? id[..MaxIdLength] : id;
        return kept.Any(char.IsControl) ? string.Concat(kept.Where(static character => !char.IsControl(character))) : kept;
    }

    /// <returns>Null where there is none to log.</returns>
    public static string? Address(IPAddress? address, LoggedAddress logged)
    {
        if (address is null || logged == LoggedAddress.None)
        {
            return null;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return logged == LoggedAddress.Full ? address.ToString() : NetworkOf(address);
    }

    private static string NetworkOf(IPAddress address)
    {
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? IPv4NetworkBits : IPv6NetworkBits;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        return $"{new IPAddress(bytes)}/{bits}";
    }
}
