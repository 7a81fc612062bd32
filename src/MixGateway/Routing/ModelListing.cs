using MixGateway.Catalog;

namespace MixGateway.Routing;

/// <summary>A name that a caller may use.</summary>
/// <param name="Name">The canonical name, or the alias.</param>
/// <param name="Model">What it stands for; of an alias, the first that the caller may use.</param>
internal readonly record struct ListedModel(string Name, ResolvedModel Model);

/// <summary>What <c>GET /v1/models</c> shows.</summary>
internal static class ModelListing
{
    /// <summary>Every model with a name of its own (none for wildcards), by provider and id, then every alias; all in ordinal order.</summary>
    public static IEnumerable<ListedModel> Listed(this CatalogSnapshot catalog, ModelPatterns allowed)
    {
        foreach (var entry in catalog.NamedModels)
        {
            if (allowed.Allows(entry.CanonicalName))
            {
                yield return new ListedModel(entry.CanonicalName, entry);
            }
        }

        foreach (var alias in catalog.Aliases.Keys.Order(StringComparer.Ordinal))
        {
            if (ModelRouter.Route(catalog, alias, allowed).Plan is { } plan)
            {
                yield return new ListedModel(alias, plan.Candidates[0]);
            }
        }
    }
}
