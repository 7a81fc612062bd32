using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MixGateway.Administration;

/// <summary>
/// Reads an address or network that a key may be used from, and writes it the one way it is stored: networks without host bits,
/// IPv6 as RFC 5952 has it, IPv4 in IPv6 as IPv4, because callers are compared like that.
/// </summary>
internal static class AllowedAddress
{
    private const int MappedPrefix = 96;

    public static bool TryParse(string text, [NotNullWhen(true)] out string? canonical)
    {
        canonical = null;
        var slash = text.IndexOf('/');
        var addressText = slash < 0 ? text : text[..slash];
        if (!TryParseAddress(addressText, out var address))
        {
            return false;
        }

        if (slash < 0)
        {
            canonical = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
            return true;
        }

        return TryParsePrefix(text.AsSpan(slash + 1), address, out var prefix) && TryWrite(address, prefix, out canonical);
    }

    /// <summary>Without the short, octal and scoped forms that <see cref="IPAddress"/> takes as well: they mostly are mistakes.</summary>
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() == text : !text.AsSpan().ContainsAny("%[]"));

    private static bool TryParsePrefix(ReadOnlySpan<char> text, IPAddress address, out int prefix) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out prefix) && prefix <= Bits(address);

    private static bool TryWrite(IPAddress address, int prefix, [NotNullWhen(true)] out string? canonical)
    {
        if (address.IsIPv4MappedToIPv6 && prefix >= MappedPrefix)
        {
            address = address.MapToIPv4();
            prefix -= MappedPrefix;
        }

        var bytes = address.GetAddressBytes();
        for (var bit = prefix; bit < Bits(address); bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        canonical = string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes)}/{prefix}");
        return true;
    }

    private static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
}
