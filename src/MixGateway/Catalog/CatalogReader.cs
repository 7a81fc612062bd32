using System.Collections.Frozen;
using System.Collections.Immutable;

namespace MixGateway.Catalog;

/// <summary>What reading gave: a snapshot, or every mistake there is.</summary>
/// <param name="Snapshot">Null if there is a mistake.</param>
/// <param name="Errors">Each with its full path and what to do; never with a secret.</param>
internal sealed record CatalogReading(CatalogSnapshot? Snapshot, ImmutableArray<string> Errors);

/// <summary>Makes a snapshot of the sections <c>Providers</c>, <c>Aliases</c>, <c>Proxy</c> and <c>Billing:Currency</c>. Pure.</summary>
internal static class CatalogReader
{
    public const string DefaultCurrency = "USD";

    public static CatalogReading Read(IConfiguration configuration, IEnumerable<ICatalogRule> rules, long revision)
        => Read(SettingsNode.From(configuration), rules, revision);

    /// <param name="before">Null where nothing was read before.</param>
    public static CatalogReading Read(SettingsNode root, IEnumerable<ICatalogRule> rules, long revision, ReadBefore? before = null)
    {
        List<string> errors = [];
        var reader = new SettingsReader(errors);
        var routes = new ProxyReader(reader).ReadAll(root);
        var draft = new CatalogSnapshot
        {
            Revision = revision,
            Currency = ReadCurrency(root, reader),
            Routes = routes,
            Providers = ReadProviders(root, reader, routes, before),
            Aliases = FrozenDictionary<string, ImmutableArray<string>>.Empty,
        };
        var snapshot = new CatalogSnapshot
        {
            Revision = draft.Revision,
            Currency = draft.Currency,
            Routes = routes,
            Providers = draft.Providers,
            Aliases = new AliasReader(reader, draft).Read(root),
        };
        foreach (var rule in rules)
        {
            rule.Check(snapshot, errors);
        }

        return errors.Count == 0 ? new CatalogReading(snapshot, []) : new CatalogReading(null, [.. errors]);
    }

    private static string ReadCurrency(SettingsNode root, SettingsReader reader)
    {
        if (!root.TryGet("Billing", out var billing) || !reader.TryText(billing, "Currency", out var currency))
        {
            return DefaultCurrency;
        }

        if (currency.Length != 3 || currency.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            reader.Refuse(SettingsReader.PathOf(billing, "Currency"), "must be three capital letters of ISO 4217, such as USD or CNY.");
        }

        return currency;
    }

    private static FrozenDictionary<string, Provider> ReadProviders(SettingsNode root, SettingsReader reader, OutgoingRoutes routes, ReadBefore? before)
    {
        if (!root.TryGet("Providers", out var section))
        {
            return FrozenDictionary<string, Provider>.Empty;
        }

        if (!string.IsNullOrEmpty(section.Value))
        {
            reader.Refuse(section.Path, "must be an object of providers by name.");
        }

        var providerReader = new ProviderReader(reader, routes);
        List<Provider> providers = [];
        foreach (var node in section.Children)
        {
            if (!ModelName.IsProviderName(node.Key))
            {
                reader.Refuse(node.Path, "is not a usable name of a provider; use letters, digits, '.', '_' and '-' only.");
            }

            if (node.Value is not null)
            {
                reader.Refuse(node.Path, "must be an object with BaseUrl and Models.");
                continue;
            }

            providers.Add(before?.Find(root, node) ?? providerReader.Read(node));
        }

        return providers.ToFrozenDictionary(provider => provider.Name, StringComparer.Ordinal);
    }
}
