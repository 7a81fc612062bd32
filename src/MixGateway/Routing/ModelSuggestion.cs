using MixGateway.Catalog;

namespace MixGateway.Routing;

/// <summary>Finds what a caller meant who named a model that is not configured.</summary>
internal static class ModelSuggestion
{
    /// <summary>Longer names are no slip of the keyboard.</summary>
    private const int MaxLength = 200;

    /// <summary>The nearest name among those that the key may use; null if none is near.</summary>
    public static string? For(CatalogSnapshot catalog, string written, ModelPatterns allowed)
    {
        if (catalog.SpellingOf(written) is { } right && ModelRouter.Route(catalog, right, allowed).Plan is not null)
        {
            return right;
        }

        if (written.Length > MaxLength)
        {
            return null;
        }

        var known = catalog.Listed(allowed).Select(static listed => listed.Name).ToList();
        return NameSuggestion.Nearest(written, known) ?? WithNearestProvider(catalog, written, allowed);
    }

    /// <summary>Under a <c>*</c> the id may be right although nobody has listed it.</summary>
    private static string? WithNearestProvider(CatalogSnapshot catalog, string written, ModelPatterns allowed)
    {
        var at = written.AsSpan().IndexOfAny(ModelName.Separator, ModelName.OtherSeparator);
        if (at <= 0)
        {
            return null;
        }

        var open = catalog.Providers.Values.Where(static provider => provider.Models.ContainsKey(Model.Wildcard)).Select(static provider => provider.Name);
        if (NameSuggestion.Nearest(written[..at].Trim(), open) is not { } provider)
        {
            return null;
        }

        var name = ModelName.Canonical(provider, written[(at + 1)..].Trim());
        return ModelRouter.Route(catalog, name, allowed).Plan is null ? null : name;
    }
}
