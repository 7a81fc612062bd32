using MixGateway.Billing;
using MixGateway.Catalog;

namespace MixGateway.Administration;

/// <summary>The catalog in force.</summary>
/// <param name="Revision">Rises with every accepted edit; usage records name it. Counted by each replica from 1 at its start.</param>
/// <param name="Currency">Of every price and balance; ISO 4217.</param>
/// <param name="Aliases">A name of the operator's own to the models that it stands for, in the order they are tried.</param>
/// <param name="Rejected">What is wrong with the settings as they are written now; null while they are in force.</param>
/// <param name="RestartNeeded">Names of settings that were changed and take effect at the next start.</param>
internal sealed record CatalogEntry(
    long Revision,
    DateTime LoadedAt,
    string Currency,
    int Providers,
    int Models,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Aliases,
    RejectedEdit? Rejected,
    IReadOnlyList<string> RestartNeeded);

/// <summary>An edit of the settings that was refused.</summary>
/// <param name="Errors">Each names the key and what to do.</param>
internal sealed record RejectedEdit(DateTime At, IReadOnlyList<string> Errors);

/// <summary>A model that calls may name, and what it costs.</summary>
/// <param name="Name"><c>provider:modelId</c>; <c>provider:*</c> stands for every other id of the provider.</param>
/// <param name="Prices">Per million tokens, and per call.</param>
/// <param name="OtherPrices">By kind, those that only some models have: per million tokens, and per use for <c>tool:</c> and a tool's name.</param>
/// <param name="Tiers">Other prices for long prompts.</param>
/// <param name="MaxMediaTokens">The most tokens of one file, video or recording; null: <paramref name="ContextLength"/>.</param>
internal sealed record ModelEntry(
    string Name,
    string Provider,
    UsagePrices Prices,
    IReadOnlyDictionary<string, Money> OtherPrices,
    IReadOnlyList<ModelTier> Tiers,
    long? ContextLength,
    long? MaxOutputTokens,
    long? MaxMediaTokens);

/// <summary>Prices of calls whose prompt has more tokens than <paramref name="AbovePromptTokens"/>.</summary>
internal sealed record ModelTier(long AbovePromptTokens, UsagePrices Prices);

/// <summary>Shows the catalog as this replica has it.</summary>
internal sealed class CatalogReport(CatalogStore store, CatalogStatus status)
{
    public CatalogEntry Show()
    {
        var state = status.Current;
        var catalog = store.Current;
        return new CatalogEntry(
            state.Revision,
            state.LoadedAt.UtcDateTime.WholeMilliseconds(),
            catalog.Currency,
            catalog.Providers.Count,
            catalog.NamedModels.Count(),
            new SortedDictionary<string, IReadOnlyList<string>>(catalog.Aliases.ToDictionary(static alias => alias.Key, static alias => (IReadOnlyList<string>)alias.Value), StringComparer.Ordinal),
            state.RejectedAt is { } at ? new RejectedEdit(at.UtcDateTime.WholeMilliseconds(), state.RejectedErrors) : null,
            status.RestartNeeded);
    }

    /// <summary>By name.</summary>
    /// <param name="provider">Only of this provider; null for all.</param>
    public Outcome<Page<ModelEntry>> ListModels(string? provider, PageRequest page)
    {
        string? last = null;
        if (page.After is { } after)
        {
            after.TryGet(out last);
        }

        List<ModelEntry> rows =
        [
            .. store.Current.Providers.Values
                .Where(each => provider is null || each.Name == provider)
                .SelectMany(static each => each.Models.Values.Select(model => Show(each, model)))
                .Where(model => last is null || string.CompareOrdinal(model.Name, last) > 0)
                .OrderBy(static model => model.Name, StringComparer.Ordinal)
                .Take(page.Take),
        ];
        return Page.Of(rows, page, static model => model, static model => Cursor.Of(model.Name));
    }

    private static ModelEntry Show(Provider provider, Model model) => new(
        ModelName.Canonical(provider.Name, model.Id),
        provider.Name,
        PricesOf(model.Price.Tokens, model.Price.Request),
        model.Price.Others.ToDictionary(static price => price.Key, static price => new Money(price.Value), StringComparer.Ordinal),
        [.. model.Price.Tiers.Select(tier => new ModelTier(tier.AbovePromptTokens, PricesOf(tier.Tokens, model.Price.Request)))],
        model.ContextLength,
        model.MaxOutputTokens,
        model.MaxMediaTokens);

    private static UsagePrices PricesOf(TokenPrices prices, long request) => new(
        new Money(prices.Input), new Money(prices.CachedInput), new Money(prices.CacheWrite), new Money(prices.Output), new Money(prices.Reasoning), new Money(request));
}
