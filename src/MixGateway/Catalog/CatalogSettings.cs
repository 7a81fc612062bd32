using System.Collections.Immutable;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Primitives;

namespace MixGateway.Catalog;

/// <summary>
/// The catalog's own view of the host's configuration: the same sources in the same order, but JSON files are read here,
/// because the host's reading forgets what a file held while the file is half-written, empty or missing.
/// </summary>
internal sealed class CatalogSettings : IDisposable
{
    private const string Providers = "Providers";
    private const string Currency = "Billing:Currency";

    /// <summary>What is read again when it changes. The currency is read at the start alone: every balance and every price is in it.</summary>
    private static readonly string[] Hot =
    [
        Providers, "Aliases", ProxyReader.Section,
        ProxyReader.HttpVariable, ProxyReader.HttpsVariable, ProxyReader.AllVariable, ProxyReader.ExceptionsVariable,
    ];

    private static readonly string[] Roots = [.. Hot, Currency];

    private readonly ImmutableArray<Source> _sources;
    private readonly IDisposable _reload;
    private readonly SortedDictionary<string, string?> _coldAtStart;
    private bool _othersChanged;
    private bool _looked;
    private string? _currency;

    public CatalogSettings(IConfiguration configuration)
    {
        _sources = configuration is IConfigurationRoot root
            ? [.. root.Providers.Select(Source.Of)]
            : [Source.Of(new ChainedConfigurationProvider(new ChainedConfigurationSource { Configuration = configuration }))];
        Files = [.. _sources.Where(source => source.File is not null).Select(source => source.File!)];
        _coldAtStart = new(StringComparer.OrdinalIgnoreCase);
        _reload = ChangeToken.OnChange(configuration.GetReloadToken, () => Volatile.Write(ref _othersChanged, true));
    }

    /// <summary>The settings in files that are read only at the start and are others now than then.</summary>
    public ImmutableArray<string> ColdEdits { get; private set; } = [];

    /// <summary>Names under <c>Providers</c> of which the files know nothing, and everything else only credentials: no providers.</summary>
    public ImmutableArray<string> CredentialsAlone { get; private set; } = [];

    public ImmutableArray<CatalogFile> Files { get; }

    /// <summary>True if <see cref="Look"/> would find nothing new.</summary>
    public bool IsAsBefore() => !Volatile.Read(ref _othersChanged) && Files.All(static file => file.IsAsBefore());

    /// <summary>Looks at every source; true if the merged settings may be others than before.</summary>
    public bool Look(DateTimeOffset now)
    {
        var changed = Interlocked.Exchange(ref _othersChanged, false);
        foreach (var file in Files)
        {
            changed |= file.Look(now);
        }

        if (changed || !_looked)
        {
            CompareColdSettings();
        }

        return changed;
    }

    private void CompareColdSettings()
    {
        var cold = ColdSettings();
        if (!_looked)
        {
            _looked = true;
            foreach (var (path, value) in cold)
            {
                _coldAtStart.Add(path, value);
            }

            return;
        }

        ColdEdits =
        [
            .. cold.Where(setting => !_coldAtStart.TryGetValue(setting.Key, out var before) || before != setting.Value).Select(static setting => setting.Key)
                .Concat(_coldAtStart.Keys.Where(path => !cold.ContainsKey(path))).Order(StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>Of the files, where no later source sets the same.</summary>
    private SortedDictionary<string, string?> ColdSettings()
    {
        SortedDictionary<string, string?> cold = new(StringComparer.OrdinalIgnoreCase);
        foreach (var source in _sources)
        {
            if (source.File is { } file)
            {
                foreach (var (path, value) in file.Settings.Where(static setting => !Array.Exists(Hot, root => Source.IsWithin(setting.Key, root))))
                {
                    cold[path] = value;
                }
            }
            else if (source.Provider is not MemoryConfigurationProvider)
            {
                // What is in memory only writes the same in another form.
                foreach (var path in cold.Keys.Where(path => source.Provider.TryGet(path, out _)).ToArray())
                {
                    cold.Remove(path);
                }
            }
        }

        return cold;
    }

    /// <summary>All sources, a later one over an earlier one.</summary>
    public SettingsNode Merge()
    {
        var merged = SettingsNode.Root();
        foreach (var source in _sources)
        {
            source.WriteTo(merged);
        }

        KeepCurrency(merged);
        RemoveCredentialsAlone(merged);
        return merged;
    }

    private void KeepCurrency(SettingsNode merged)
    {
        _currency ??= merged.TryGet("Billing", out var billing) && billing.TryGet("Currency", out var currency) ? currency.Value ?? "" : "";
        merged.Set(Currency, _currency.Length == 0 ? null : _currency);
    }

    /// <summary>A provider that an edit took out of the files goes, even though its credential stays until the next start.</summary>
    private void RemoveCredentialsAlone(SettingsNode merged)
    {
        CredentialsAlone = [];
        if (!merged.TryGet(Providers, out var providers))
        {
            return;
        }

        var written = Files.SelectMany(static file => file.Settings.Keys).Where(static path => Source.IsWithin(path, Providers))
            .Select(static path => path.Split(ConfigurationPath.KeyDelimiter).ElementAtOrDefault(1)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        CredentialsAlone =
        [
            .. providers.Children.Where(provider => provider.HasChildren && !written.Contains(provider.Key)
                    && provider.Children.All(static setting => ProviderReader.CredentialKeys.Contains(setting.Key, StringComparer.OrdinalIgnoreCase)))
                .Select(static provider => provider.Key),
        ];
        foreach (var name in CredentialsAlone)
        {
            providers.Remove(name);
        }
    }

    public void Dispose() => _reload.Dispose();

    /// <param name="File">Set for a JSON file on a disk; it is read instead of the provider.</param>
    private sealed record Source(IConfigurationProvider Provider, CatalogFile? File)
    {
        public static Source Of(IConfigurationProvider provider)
        {
            var path = provider is JsonConfigurationProvider { Source: { Path: { } name, FileProvider: { } files } }
                ? files.GetFileInfo(name).PhysicalPath
                : null;
            return new Source(provider, path is null ? null : new CatalogFile(path));
        }

        public void WriteTo(SettingsNode merged)
        {
            if (File is null)
            {
                Array.ForEach(Roots, root => Walk(root, merged));
                return;
            }

            foreach (var (path, value) in File.Settings)
            {
                if (Array.Exists(Roots, root => IsWithin(path, root)))
                {
                    merged.Set(path, value);
                }
            }
        }

        private void Walk(string path, SettingsNode merged)
        {
            if (Provider.TryGet(path, out var value))
            {
                merged.Set(path, value);
            }

            foreach (var key in Provider.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
            {
                Walk(ConfigurationPath.Combine(path, key), merged);
            }
        }

        public static bool IsWithin(string path, string root)
            => path.StartsWith(root, StringComparison.OrdinalIgnoreCase)
                && (path.Length == root.Length || path[root.Length] == ':');
    }
}
