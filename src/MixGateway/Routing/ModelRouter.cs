using System.Collections.Immutable;
using MixGateway.Catalog;

namespace MixGateway.Routing;

/// <summary>What a call may try, in order. Never empty.</summary>
internal sealed record RoutePlan(ImmutableArray<ResolvedModel> Candidates);

/// <summary>What became of a model's name.</summary>
internal enum RouteOutcome
{
    /// <summary>There is a plan.</summary>
    Planned,

    /// <summary>No model has this name.</summary>
    NotFound,

    /// <summary>There is such a model, but the key may use none of what the name stands for.</summary>
    NotAllowed,
}

/// <param name="Plan">Null unless the outcome is <see cref="RouteOutcome.Planned"/>.</param>
internal readonly record struct RouteResult(RouteOutcome Outcome, RoutePlan? Plan);

/// <summary>A model's name to the plan of a call. Pure: the same snapshot, name and patterns give the same plan.</summary>
internal static class ModelRouter
{
    /// <summary>Of an alias only the candidates stay that the key may use.</summary>
    public static RouteResult Route(CatalogSnapshot catalog, string modelName, ModelPatterns allowed)
    {
        if (!catalog.TryResolve(modelName, out var models))
        {
            return new RouteResult(RouteOutcome.NotFound, null);
        }

        var candidates = OnlyAllowed(models, allowed);
        return candidates.IsEmpty
            ? new RouteResult(RouteOutcome.NotAllowed, null)
            : new RouteResult(RouteOutcome.Planned, new RoutePlan(candidates));
    }

    /// <summary>The same array where nothing is taken out, which is nearly always.</summary>
    private static ImmutableArray<ResolvedModel> OnlyAllowed(ImmutableArray<ResolvedModel> models, ModelPatterns allowed)
    {
        var count = 0;
        foreach (var model in models)
        {
            count += allowed.Allows(model.CanonicalName) ? 1 : 0;
        }

        if (count == models.Length || count == 0)
        {
            return count == 0 ? [] : models;
        }

        var kept = ImmutableArray.CreateBuilder<ResolvedModel>(count);
        foreach (var model in models)
        {
            if (allowed.Allows(model.CanonicalName))
            {
                kept.Add(model);
            }
        }

        return kept.MoveToImmutable();
    }
}
