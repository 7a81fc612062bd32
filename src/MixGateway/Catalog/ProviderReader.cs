using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;

namespace MixGateway.Catalog;

/// <summary>Reads one entry of <c>Providers</c>.</summary>
internal sealed class ProviderReader(SettingsReader reader, OutgoingRoutes routes)
{
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan DefaultFirstByteTimeout = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan DefaultTotalTimeout = TimeSpan.FromHours(1);
    public static readonly TimeSpan DefaultDrainTimeout = TimeSpan.FromSeconds(30);

    public static readonly string[] Keys =
    [
        nameof(Provider.BaseUrl), "ApiKey", "ApiKeys", nameof(Provider.Models), "Cluster",
        nameof(Provider.ConnectTimeout), nameof(Provider.FirstByteTimeout), nameof(Provider.IdleTimeout),
        nameof(Provider.TotalTimeout), nameof(Provider.DrainTimeout), nameof(Provider.OnDisconnect), nameof(Provider.RequestStreamUsage), nameof(Provider.ResendUnanswered), nameof(Provider.AddressFamily),
        nameof(Provider.RefusedFields), nameof(Provider.RemovedFields),
        ModelReader.ToolPrices, nameof(Provider.FreeTools), nameof(Provider.ToolFields),
        ProxyReader.Section, ClientCertificateFile.Section,
    ];

    /// <summary>What secrets and the environment hold of a provider that the settings do not have, or do not have any more.</summary>
    public static readonly string[] CredentialKeys = ["ApiKey", "ApiKeys"];

    private static readonly string[] NeverRemoved = ["model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "best_of", "messages", "prompt", "input"];

    /// <summary>Stands in for an address that could not be read; such a provider never gets into force.</summary>
    private static readonly Uri Unreadable = new("http://unreadable.invalid");

    private readonly ModelReader _models = new(reader);
    private readonly ProxyReader _proxies = new(reader);

    public Provider Read(SettingsNode node)
    {
        reader.RefuseUnknownKeys(node, Keys);
        var address = ReadBaseUrl(node);
        var baseUrl = address.Url;
        var cluster = ReadCluster(node);
        var proxy = _proxies.ReadFor(node, baseUrl, routes, ref cluster);
        var removed = ReadRemovedFields(node);
        return new Provider
        {
            Name = node.Key,
            BaseUrl = baseUrl,
            Query = address.Query,
            AddressPassword = address.Password,
            Proxy = proxy,
            ClientCertificate = ClientCertificateFile.Read(reader, node),
            Credentials = ReadCredentials(node, address),
            Models = _models.Read(node).ToFrozenDictionary(StringComparer.Ordinal),
            ConnectTimeout = reader.Duration(node, nameof(Provider.ConnectTimeout), DefaultConnectTimeout),
            FirstByteTimeout = reader.Duration(node, nameof(Provider.FirstByteTimeout), DefaultFirstByteTimeout),
            IdleTimeout = reader.Duration(node, nameof(Provider.IdleTimeout), DefaultIdleTimeout),
            TotalTimeout = reader.Duration(node, nameof(Provider.TotalTimeout), DefaultTotalTimeout),
            DrainTimeout = reader.Duration(node, nameof(Provider.DrainTimeout), DefaultDrainTimeout),
            OnDisconnect = ReadOnDisconnect(node),
            RequestStreamUsage = reader.Flag(node, nameof(Provider.RequestStreamUsage), true),
            ResendUnanswered = reader.Flag(node, nameof(Provider.ResendUnanswered), otherwise: true),
            AddressFamily = ReadAddressFamily(node),
            RefusedFields = ReadRefusedFields(node, baseUrl, removed),
            RemovedFields = removed,
            FreeTools = ReadNames(node, nameof(Provider.FreeTools)) ?? [],
            ToolFields = ReadNames(node, nameof(Provider.ToolFields)) ?? ToolFieldDefaults.All,
            ClusterSettings = cluster,
        };
    }

    private Address ReadBaseUrl(SettingsNode node)
    {
        const string Key = nameof(Provider.BaseUrl);
        if (!reader.TryText(node, Key, out var text))
        {
            if (!node.TryGet(Key, out _))
            {
                reader.Refuse(SettingsReader.PathOf(node, Key), "is missing; write the address of the provider's API, such as https://api.deepseek.com/v1.");
            }

            return new Address(Unreadable);
        }

        // The text is looked at, not only the Uri: an empty fragment is gone once it is parsed.
        if (Uri.TryCreate(text, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Host.Length > 0
            && !text.Contains('#', StringComparison.Ordinal))
        {
            var path = new Uri(url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/'));
            return new Address(path) { Query = url.Query.Length > 1 ? url.Query : "", UserInfo = url.UserInfo };
        }

        reader.Refuse(SettingsReader.PathOf(node, Key), "must be an absolute http or https address without a fragment, such as https://api.deepseek.com/v1.");
        return new Address(Unreadable);
    }

    private ImmutableArray<Credential> ReadCredentials(SettingsNode node, Address address)
    {
        if (address.UserInfo.Length > 0)
        {
            if (node.TryGet("ApiKey", out _) || node.TryGet("ApiKeys", out _))
            {
                reader.Refuse(SettingsReader.PathOf(node, nameof(Provider.BaseUrl)), "holds a user, and a key is set too; both would be the Authorization header. Keep one of them.");
            }

            return [new Credential("0", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo)))) { IsBasic = true }];
        }

        if (node.TryGet("ApiKey", out _) && node.TryGet("ApiKeys", out _))
        {
            reader.Refuse(SettingsReader.PathOf(node, "ApiKey"), "is set and so is ApiKeys; keep one of them.");
        }

        if (reader.TryText(node, "ApiKey", out var key))
        {
            RefuseUnusableKey(SettingsReader.PathOf(node, "ApiKey"), key);
            return [new Credential("0", key)];
        }

        return node.TryGet("ApiKeys", out var pool) ? ReadPool(pool) : [new Credential("0", "")];
    }

    private ImmutableArray<Credential> ReadPool(SettingsNode pool)
    {
        if (!pool.HasChildren && string.IsNullOrEmpty(pool.Value))
        {
            reader.Refuse(pool.Path, "is an empty list; write a key, or remove it where the provider needs none.");
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        var credentials = ImmutableArray.CreateBuilder<Credential>();
        foreach (var entry in reader.Texts(pool))
        {
            RefuseUnusableKey(entry.Path, entry.Value!);
            if (!seen.Add(entry.Value!))
            {
                reader.Refuse(entry.Path, "is the same key as another one in the list; keep one.");
            }

            credentials.Add(new Credential($"{credentials.Count}", entry.Value!));
        }

        return credentials.ToImmutable();
    }

    private void RefuseUnusableKey(string path, string key)
    {
        if (key.Length == 0)
        {
            reader.Refuse(path, "is empty; write the key, or remove it where the provider needs none.");
        }
        else if (key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            reader.Refuse(path, "holds a space, a line break or a character outside ASCII, which no header can carry; write the key alone.");
        }
    }

    private OnDisconnect ReadOnDisconnect(SettingsNode node)
    {
        const string Key = nameof(Provider.OnDisconnect);
        if (!reader.TryText(node, Key, out var text) || text.Equals(nameof(OnDisconnect.Drain), StringComparison.OrdinalIgnoreCase))
        {
            return OnDisconnect.Drain;
        }

        if (!text.Equals(nameof(OnDisconnect.Cancel), StringComparison.OrdinalIgnoreCase))
        {
            reader.Refuse(SettingsReader.PathOf(node, Key), "must be Cancel or Drain.");
        }

        return OnDisconnect.Cancel;
    }

    private UpstreamAddressFamily ReadAddressFamily(SettingsNode node)
    {
        const string Key = nameof(Provider.AddressFamily);
        if (!reader.TryText(node, Key, out var text))
        {
            return UpstreamAddressFamily.Any;
        }

        // By name alone: the parser would take a number, too.
        var family = Array.FindIndex(Enum.GetNames<UpstreamAddressFamily>(), name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (family < 0)
        {
            reader.Refuse(SettingsReader.PathOf(node, Key), "must be Any, IPv4 or IPv6.");
            return UpstreamAddressFamily.Any;
        }

        return (UpstreamAddressFamily)family;
    }

    /// <summary>A default does not refuse what is removed; who writes both means one of them only.</summary>
    private ImmutableArray<string> ReadRefusedFields(SettingsNode node, Uri baseUrl, ImmutableArray<string> removed)
    {
        if (reader.Texts(node, nameof(Provider.RefusedFields)) is not { } fields)
        {
            return RefusedFieldDefaults.For(baseUrl).RemoveAll(field => removed.Contains(field, StringComparer.OrdinalIgnoreCase));
        }

        foreach (var field in fields)
        {
            if (removed.Contains(field.Value!, StringComparer.OrdinalIgnoreCase))
            {
                reader.Refuse(field.Path, $"is also on {nameof(Provider.RemovedFields)}; keep it on one of the lists.");
            }
        }

        return [.. fields.Select(field => field.Value!).Distinct(StringComparer.Ordinal)];
    }

    private ImmutableArray<string> ReadRemovedFields(SettingsNode node)
    {
        if (reader.Texts(node, nameof(Provider.RemovedFields)) is not { } fields)
        {
            return [];
        }

        foreach (var field in fields)
        {
            if (NeverRemoved.Contains(field.Value!, StringComparer.OrdinalIgnoreCase))
            {
                reader.Refuse(field.Path, "is a field that the gateway itself reads or bills by, so it cannot be removed.");
            }
        }

        return [.. fields.Select(field => field.Value!).Distinct(StringComparer.Ordinal)];
    }

    private ImmutableArray<string>? ReadNames(SettingsNode node, string key) =>
        reader.Texts(node, key) is { } names ? [.. names.Select(static name => name.Value!).Distinct(StringComparer.Ordinal)] : null;

    private ImmutableSortedDictionary<string, string> ReadCluster(SettingsNode node)
    {
        if (!node.TryGet("Cluster", out var cluster))
        {
            return ImmutableSortedDictionary<string, string>.Empty;
        }

        if (cluster.Value is not null)
        {
            reader.Refuse(cluster.Path, "must be an object with settings of a YARP cluster.");
        }

        return cluster.Children.SelectMany(Descendants)
            .Where(setting => setting.Value is not null)
            .ToImmutableSortedDictionary(
                setting => setting.Path[(cluster.Path.Length + 1)..],
                setting => setting.Value!,
                StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A provider's address, in parts.</summary>
    /// <param name="Url">Without user and query.</param>
    private sealed record Address(Uri Url)
    {
        public string Query { get; init; } = "";

        public string UserInfo { get; init; } = "";

        public string? Password => UserInfo.IndexOf(':', StringComparison.Ordinal) is var at and >= 0 ? Uri.UnescapeDataString(UserInfo[(at + 1)..]) : null;
    }

    private static IEnumerable<SettingsNode> Descendants(SettingsNode node)
        => node.Children.SelectMany(Descendants).Prepend(node);
}
