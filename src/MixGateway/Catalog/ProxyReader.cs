using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace MixGateway.Catalog;

/// <summary>
/// Reads the section <c>Proxy</c>, a provider's own one, and the environment's variables. An address alone stands for a section with an address.
/// </summary>
internal sealed partial class ProxyReader(SettingsReader reader)
{
    public const string Section = "Proxy";
    public const string HttpVariable = "HTTP_PROXY";
    public const string HttpsVariable = "HTTPS_PROXY";
    public const string AllVariable = "ALL_PROXY";
    public const string ExceptionsVariable = "NO_PROXY";

    /// <summary>In place of an address: connect directly, whatever else is configured.</summary>
    public const string Direct = "none";

    public static readonly string[] Keys = ["Address", "User", "Password", "Exceptions"];

    private const string WebProxy = "HttpClient:WebProxy:";
    private const string RightForm = "must be an address with a scheme and without a path, such as http://proxy.example:3128 or socks5://proxy.example:1080";

    private static readonly char[] Separators = [',', ';', ' '];

    /// <summary>What holds where a provider has no proxy of its own.</summary>
    public OutgoingRoutes ReadAll(SettingsNode root)
    {
        var environment = ProxyExceptions.Of(Variable(root, ExceptionsVariable)?.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? []);
        if (root.TryGet(Section, out var section) && !(section.Value is "" && !section.HasChildren))
        {
            var proxy = Read(section, out var exceptions);
            return new OutgoingRoutes(proxy, proxy, exceptions ?? environment);
        }

        var all = ReadVariable(root, AllVariable);
        return new OutgoingRoutes(ReadVariable(root, HttpVariable) ?? all, ReadVariable(root, HttpsVariable) ?? all, environment);
    }

    /// <summary>The proxy to a provider; null to connect directly.</summary>
    /// <param name="cluster">The provider's settings of YARP; what they say of a proxy is taken out, because YARP knows no password for one.</param>
    public OutgoingProxy? ReadFor(SettingsNode provider, Uri target, OutgoingRoutes routes, ref ImmutableSortedDictionary<string, string> cluster)
    {
        var ofCluster = ReadCluster(provider, target, ref cluster, out var isInCluster);
        if (!provider.TryGet(Section, out var section))
        {
            return isInCluster ? ofCluster : routes.For(target);
        }

        if (isInCluster)
        {
            reader.Refuse(section.Path, "is set and so is Cluster:HttpClient:WebProxy; keep one of them.");
        }

        var proxy = Read(section, out var exceptions);
        return exceptions?.Cover(target) == true ? null : proxy;
    }

    private OutgoingProxy? Read(SettingsNode section, out ProxyExceptions? exceptions)
    {
        exceptions = null;
        if (!section.HasChildren)
        {
            return Parse(section.Path, section.Value ?? "");
        }

        reader.RefuseUnknownKeys(section, Keys);
        exceptions = ReadExceptions(section);
        if (!reader.TryText(section, "Address", out var address))
        {
            reader.Refuse(SettingsReader.PathOf(section, "Address"), $"is missing; it {RightForm}, or {Direct} to connect directly.");
            return null;
        }

        return Complete(section, Parse(SettingsReader.PathOf(section, "Address"), address));
    }

    /// <summary>Adds user and password, where they have settings of their own.</summary>
    private OutgoingProxy? Complete(SettingsNode section, OutgoingProxy? proxy)
    {
        var hasUser = reader.TryText(section, "User", out var user);
        var hasPassword = reader.TryText(section, "Password", out var password);
        if (!hasUser)
        {
            if (hasPassword)
            {
                reader.Refuse(SettingsReader.PathOf(section, "User"), "is missing; a password needs a user.");
            }

            return proxy;
        }

        if (proxy?.User is not null)
        {
            reader.Refuse(SettingsReader.PathOf(section, "User"), "is set, and the address holds a user too; keep one of them.");
        }

        if (string.IsNullOrEmpty(user) || user.Contains(':', StringComparison.Ordinal))
        {
            reader.Refuse(SettingsReader.PathOf(section, "User"), "must be a name without a colon.");
        }

        return proxy is null ? null : proxy with { User = user, Password = password ?? "" };
    }

    private ProxyExceptions? ReadExceptions(SettingsNode section)
    {
        if (reader.Texts(section, "Exceptions") is not { } entries)
        {
            return null;
        }

        List<string> texts = [];
        foreach (var entry in entries)
        {
            foreach (var text in entry.Value!.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                texts.Add(text);
                if (!ProxyExceptions.IsOne(text))
                {
                    reader.Refuse(entry.Path, "must be a host, an address or a network, such as intranet.example, 10.0.0.7 or 10.0.0.0/8, also with a port; * is every host.");
                }
            }
        }

        return ProxyExceptions.Of(texts);
    }

    private OutgoingProxy? ReadCluster(SettingsNode provider, Uri target, ref ImmutableSortedDictionary<string, string> cluster, out bool isThere)
    {
        isThere = cluster.TryGetValue(WebProxy + "Address", out var address);
        if (!isThere)
        {
            return null;
        }

        var local = Take(provider, ref cluster, "BypassOnLocal");
        var defaults = Take(provider, ref cluster, "UseDefaultCredentials");
        cluster = cluster.Remove(WebProxy + "Address");
        var proxy = Parse($"{provider.Path}:Cluster:{WebProxy}Address", address!);
        return proxy is null || (local && ProxyExceptions.Local.Cover(target)) ? null : proxy with { UsesDefaultCredentials = defaults };
    }

    private bool Take(SettingsNode provider, ref ImmutableSortedDictionary<string, string> cluster, string key)
    {
        if (!cluster.TryGetValue(WebProxy + key, out var text))
        {
            return false;
        }

        cluster = cluster.Remove(WebProxy + key);
        if (!bool.TryParse(text, out var flag))
        {
            reader.Refuse($"{provider.Path}:Cluster:{WebProxy}{key}", "must be true or false.");
        }

        return flag;
    }

    /// <summary>In the environment an address without a scheme is one of an HTTP proxy, as it is for other programs.</summary>
    private OutgoingProxy? ReadVariable(SettingsNode root, string name) =>
        Variable(root, name) is { } text ? Parse(name, text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text) : null;

    private static string? Variable(SettingsNode root, string name) => root.TryGet(name, out var node) && !string.IsNullOrWhiteSpace(node.Value) ? node.Value.Trim() : null;

    /// <returns>Null for a direct connection, and for what was refused.</returns>
    private OutgoingProxy? Parse(string path, string text)
    {
        text = text.Trim();
        if (text.Equals(Direct, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (HostAndPort().IsMatch(text))
        {
            reader.Refuse(path, $"has no scheme; write http://{text} (or socks5://{text}).");
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || SchemeOf(url) is not { } scheme || url.Host.Length == 0 || url.PathAndQuery is not ("/" or "") || url.Fragment.Length > 0)
        {
            reader.Refuse(path, $"{RightForm}, or {Direct} to connect directly.");
            return null;
        }

        var at = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return new OutgoingProxy(new Uri($"{scheme}://{url.Host}:{PortOf(url)}"))
        {
            User = url.UserInfo.Length == 0 ? null : Uri.UnescapeDataString(at < 0 ? url.UserInfo : url.UserInfo[..at]),
            Password = url.UserInfo.Length == 0 ? null : at < 0 ? "" : Uri.UnescapeDataString(url.UserInfo[(at + 1)..]),
        };
    }

    /// <summary>A SOCKS proxy always gets the name; curl calls that socks5h.</summary>
    private static string? SchemeOf(Uri url) => url.Scheme switch { "http" or "https" or "socks5" => url.Scheme, "socks5h" => "socks5", _ => null };

    private static int PortOf(Uri url) => url.Port >= 0 ? url.Port : 1080;

    [GeneratedRegex(@"^[A-Za-z0-9.\-]+:[0-9]{1,5}$", RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPort();
}
