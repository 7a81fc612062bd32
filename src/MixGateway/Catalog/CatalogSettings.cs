using System.Collections.Immutable;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Primitives;

namespace MixGateway.Catalog;

/// <summary>
/// The catalogue's own view of the host's configuration: the same sources in the same order, but JSON files are read here,
/// because the host's reading forgets what a file held while the file is half-written, empty or missing.
/// </summary>
internal sealed class CatalogSettings : IDisposable
{
    private static readonly string[] Roots =
    [
        "Providers", "Aliases", "Billing:Currency", ProxyReader.Section,
        ProxyReader.HttpVariable, ProxyReader.HttpsVariable, ProxyReader.AllVariable, ProxyReader.ExceptionsVariable,
    ];

    private readonly ImmutableArray<Source> _sources;
    private readonly IDisposable _reload;
    private bool _othersChanged;

    public CatalogSettings(IConfiguration configuration)
    {
        _sources = configuration is IConfigurationRoot root
            ? [.. root.Providers.Select(Source.Of)]
            : [Source.Of(new ChainedConfigurationProvider(new ChainedConfigurationSource { Configuration = configuration }))];
        Files = [.. _sources.Where(source => source.File is not null).Select(source => source.File!)];
        _reload = ChangeToken.OnChange(configuration.GetReloadToken, () => Volatile.Write(ref _othersChanged, true));
    }

    public ImmutableArray<CatalogFile> Files { get; }

    /// <summary>Looks at every source; true if the merged settings may be others than before.</summary>
    public bool Look(DateTimeOffset now)
    {
        var changed = Interlocked.Exchange(ref _othersChanged, false);
        foreach (var file in Files)
        {
            changed |= file.Look(now);
        }

        return changed;
    }

    /// <summary>All sources, a later one over an earlier one.</summary>
    public SettingsNode Merge()
    {
        var merged = SettingsNode.Root();
        foreach (var source in _sources)
        {
            source.WriteTo(merged);
        }

        return merged;
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

        private static bool IsWithin(string path, string root)
            => path.StartsWith(root, StringComparison.OrdinalIgnoreCase)
                && (path.Length == root.Length || path[root.Length] == ':');
    }
}
