using System.Collections.Frozen;
using System.Collections.Immutable;

namespace MixGateway.Catalog;

/// <summary>Reads <c>Aliases</c> against the providers that are configured with them.</summary>
internal sealed class AliasReader(SettingsReader reader, CatalogSnapshot providers)
{
    public FrozenDictionary<string, ImmutableArray<string>> Read(SettingsNode root)
    {
        if (!root.TryGet("Aliases", out var section))
        {
            return FrozenDictionary<string, ImmutableArray<string>>.Empty;
        }

        if (!string.IsNullOrEmpty(section.Value))
        {
            reader.Refuse(section.Path, "must be an object: each alias with a list of provider:modelId.");
        }

        Dictionary<string, ImmutableArray<string>> aliases = new(StringComparer.Ordinal);
        foreach (var node in section.Children)
        {
            if (TryName(node))
            {
                aliases.Add(node.Key, ReadTargets(node));
            }
        }

        return aliases.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private bool TryName(SettingsNode node)
    {
        if (!ModelName.IsUsableId(node.Key))
        {
            reader.Refuse(node.Path, $"is not a usable alias; write 1 to {ModelName.MaxIdLength} characters without control characters.");
            return false;
        }

        if (!node.Children.All(SettingsReader.IsIndexed))
        {
            // A key with a colon is split by configuration itself, so what follows the colon arrives as a child.
            reader.Refuse(node.Path, "must be a list of provider:modelId; an alias itself cannot hold a colon.");
            return false;
        }

        if (providers.TryResolve(node.Key, out _))
        {
            reader.Refuse(node.Path, "already is the name of a provider's model, which comes first; choose another alias.");
            return false;
        }

        return true;
    }

    private ImmutableArray<string> ReadTargets(SettingsNode node)
    {
        var entries = reader.Texts(node);
        if (entries.Count == 0 && !node.HasChildren)
        {
            reader.Refuse(node.Path, "is an empty list; write at least one provider:modelId, or remove the alias.");
        }

        var targets = ImmutableArray.CreateBuilder<string>(entries.Count);
        foreach (var entry in entries)
        {
            var name = entry.Value!;
            if (!providers.TryResolve(name, out var models))
            {
                reader.Refuse(entry.Path, $"names '{name}', but {WhyNot(name)}");
            }
            else if (targets.Contains(models[0].CanonicalName))
            {
                reader.Refuse(entry.Path, $"names '{name}' a second time; keep one.");
            }
            else
            {
                targets.Add(models[0].CanonicalName);
            }
        }

        return targets.ToImmutable();
    }

    private string WhyNot(string name)
    {
        var separator = name.IndexOf(ModelName.Separator, StringComparison.Ordinal);
        if (separator < 0)
        {
            return "an alias stands for provider:modelId only; write it so.";
        }

        var providerName = name[..separator];
        var modelId = name[(separator + 1)..];
        if (!providers.Providers.TryGetValue(providerName, out var provider))
        {
            return $"there is no provider '{providerName}'{Suggest(providerName, providers.Providers.Keys)}; configure it or correct the name.";
        }

        return $"'{providerName}' has no such model{Suggest(modelId, provider.Models.Keys)}; add it to Providers:{providerName}:Models or correct the name.";
    }

    private static string Suggest(string written, IEnumerable<string> known)
        => NameSuggestion.Nearest(written, known) is { } meant ? $" (did you mean '{meant}'?)" : "";
}
