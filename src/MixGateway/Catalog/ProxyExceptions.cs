using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace MixGateway.Catalog;

/// <summary>
/// Hosts that no proxy is used for, as <c>NO_PROXY</c> names them: <c>example.com</c> with everything below it, an address, a network such as
/// <c>10.0.0.0/8</c>, each also with a port; <c>*</c> for every host. Names are not looked up.
/// </summary>
internal sealed class ProxyExceptions
{
    /// <summary>No exception.</summary>
    public static readonly ProxyExceptions None = new([]);

    /// <summary>Hosts without a dot, and this machine.</summary>
    public static readonly ProxyExceptions Local = new([]) { _coversLocal = true };

    private readonly ImmutableArray<Entry> _entries;
    private bool _coversLocal;

    private ProxyExceptions(ImmutableArray<Entry> entries) => _entries = entries;

    /// <summary>Leaves out what is none.</summary>
    public static ProxyExceptions Of(IEnumerable<string> texts) => new([.. texts.Select(Entry.Parse).OfType<Entry>()]);

    public static bool IsOne(string text) => Entry.Parse(text) is not null;

    public bool Cover(Uri target)
    {
        if (_coversLocal && (target.IsLoopback || (target.HostNameType == UriHostNameType.Dns && !target.Host.Contains('.', StringComparison.Ordinal))))
        {
            return true;
        }

        var host = target.IdnHost;
        var address = IPAddress.TryParse(host, out var literal) ? literal : null;
        return _entries.Any(entry => entry.Covers(host, address, target.Port));
    }

    /// <param name="Host">Empty for every host.</param>
    private sealed record Entry(string Host, IPNetwork? Network, int? Port)
    {
        public static Entry? Parse(string text)
        {
            text = text.Trim();
            if (IPNetwork.TryParse(text, out var network))
            {
                return new Entry("", network, null);
            }

            if (IPAddress.TryParse(text.Trim('[', ']'), out var address))
            {
                return new Entry("", Only(address), null);
            }

            var (host, port) = SplitPort(text);
            if (IPAddress.TryParse(host.Trim('[', ']'), out address))
            {
                return new Entry("", Only(address), port);
            }

            host = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host.TrimStart('.');
            return host is "*" ? new Entry("", null, port)
                : Uri.CheckHostName(host) == UriHostNameType.Dns ? new Entry(host, null, port)
                : null;
        }

        public bool Covers(string host, IPAddress? address, int port)
        {
            if (Port is { } only && only != port)
            {
                return false;
            }

            return Network is { } network
                ? address is not null && network.Contains(address)
                : Host.Length == 0 || host.Equals(Host, StringComparison.OrdinalIgnoreCase)
                    || (host.EndsWith(Host, StringComparison.OrdinalIgnoreCase) && host[^(Host.Length + 1)] == '.');
        }

        private static IPNetwork Only(IPAddress address) => new(address, address.GetAddressBytes().Length * 8);

        private static (string Host, int? Port) SplitPort(string text)
        {
            var at = text.LastIndexOf(':');
            return at > 0 && ushort.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? (text[..at], port) : (text, null);
        }
    }
}
