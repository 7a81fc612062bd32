using System.Collections.Frozen;
using System.Collections.Immutable;

namespace MixGateway.Catalog;

internal sealed partial class CatalogSnapshot
{
    private volatile FrozenDictionary<string, ImmutableArray<ResolvedModel>>? _named;
    private volatile FrozenDictionary<string, string>? _folded;

    /// <summary>
    /// Every configured name, written with a colon or a slash, and every alias. Names under a wildcard are not kept:
    /// callers make them up, so they would fill any cache. Made at the first use; made twice by two threads it is the same.
    /// </summary>
    private FrozenDictionary<string, ImmutableArray<ResolvedModel>> Named => _named ??= IndexNames();

    /// <summary>The right spelling of every configured name and alias, by <see cref="FoldedName"/>.</summary>
    private FrozenDictionary<string, string> Folded => _folded ??= IndexFoldedNames();

    /// <summary>Every model that is configured by its own id, by provider and id in ordinal order.</summary>
    public IEnumerable<ResolvedModel> NamedModels
        => Providers.Values
            .OrderBy(provider => provider.Name, StringComparer.Ordinal)
            .SelectMany(provider => provider.Models.Keys
                .Where(id => id != Model.Wildcard)
                .Order(StringComparer.Ordinal)
                .Select(id => Named[ModelName.Canonical(provider.Name, id)][0]));

    /// <summary>
    /// The models that a caller's name stands for, in the order they are to be tried: one for <c>provider:modelId</c> (the
    /// first colon separates), else one for <c>provider/modelId</c>, else those of an alias.
    /// </summary>
    public bool TryResolve(string name, out ImmutableArray<ResolvedModel> models)
        => Named.TryGetValue(name, out models)
            || TryResolveWildcard(name, ModelName.Separator, out models)
            || TryResolveWildcard(name, ModelName.OtherSeparator, out models);

    /// <summary>The configured name or alias that differs from this one by case or white space alone; null if there is none.</summary>
    public string? SpellingOf(string name)
    {
        if (name.Length > FoldedName.MaxLength)
        {
            return null;
        }

        Span<char> folded = stackalloc char[FoldedName.MaxLength];
        var length = FoldedName.Write(name, folded);
        return Folded.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(folded[..length], out var right) ? right : null;
    }

    private FrozenDictionary<string, string> IndexFoldedNames()
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (var provider in Providers.Values)
        {
            foreach (var id in provider.Models.Keys)
            {
                if (id != Model.Wildcard)
                {
                    var canonical = ModelName.Canonical(provider.Name, id);
                    names.TryAdd(FoldedName.Of(canonical), canonical);
                    names.TryAdd(FoldedName.Of($"{provider.Name}{ModelName.OtherSeparator}{id}"), canonical);
                }
            }
        }

        foreach (var alias in Aliases.Keys)
        {
            names.TryAdd(FoldedName.Of(alias), alias);
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>A name that a listed model has but for its spelling is not any other model: the provider may take it for that one.</summary>
    private bool TryResolveWildcard(string name, char separator, out ImmutableArray<ResolvedModel> models)
    {
        models = [];
        var at = name.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0)
        {
            return false;
        }

        var providers = Providers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!providers.TryGetValue(name.AsSpan(0, at), out var provider)
            || !provider.Models.TryGetValue(Model.Wildcard, out var model)
            || !ModelName.IsUsableId(name.AsSpan(at + 1))
            || SpellingOf(name) is not null)
        {
            return false;
        }

        var modelId = name[(at + 1)..];
        var canonical = separator == ModelName.Separator ? name : ModelName.Canonical(provider.Name, modelId);
        models = [new ResolvedModel(provider, model, modelId, canonical)];
        return true;
    }

    private FrozenDictionary<string, ImmutableArray<ResolvedModel>> IndexNames()
    {
        Dictionary<string, ImmutableArray<ResolvedModel>> names = new(StringComparer.Ordinal);
        foreach (var provider in Providers.Values)
        {
            foreach (var model in provider.Models.Values)
            {
                if (model.Id == Model.Wildcard)
                {
                    continue;
                }

                var canonical = ModelName.Canonical(provider.Name, model.Id);
                ImmutableArray<ResolvedModel> only = [new ResolvedModel(provider, model, model.Id, canonical)];
                names[canonical] = only;

                // A provider's name holds neither separator, so the two spellings of two models never meet.
                names[$"{provider.Name}{ModelName.OtherSeparator}{model.Id}"] = only;
            }
        }

        AddAliases(names);
        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private void AddAliases(Dictionary<string, ImmutableArray<ResolvedModel>> names)
    {
        foreach (var (alias, targets) in Aliases)
        {
            var models = ImmutableArray.CreateBuilder<ResolvedModel>(targets.Length);
            foreach (var target in targets)
            {
                if (names.TryGetValue(target, out var known)
                    || TryResolveWildcard(target, ModelName.Separator, out known))
                {
                    models.AddRange(known);
                }
            }

            if (models.Count > 0)
            {
                names.TryAdd(alias, models.ToImmutable());
            }
        }
    }
}
