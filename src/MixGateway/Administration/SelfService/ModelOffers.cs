using MixGateway.Billing;
using MixGateway.Catalog;

namespace MixGateway.Administration.SelfService;

/// <summary>What a million tokens of each kind cost.</summary>
internal sealed record OfferedPrices(Money Input, Money CachedInput, Money CacheWrite, Money Output, Money Reasoning)
{
    public static OfferedPrices Of(TokenPrices prices) =>
        new(new Money(prices.Input), new Money(prices.CachedInput), new Money(prices.CacheWrite), new Money(prices.Output), new Money(prices.Reasoning));
}

/// <summary>Prices of calls whose prompt is longer than <paramref name="AbovePromptTokens"/>.</summary>
internal sealed record OfferedTier(long AbovePromptTokens, OfferedPrices Prices);

/// <summary>A model as it is offered: what it is called and what it costs.</summary>
/// <param name="Name"><c>provider:modelId</c>; the id is <c>*</c> where a provider takes any.</param>
/// <param name="Request">Per call.</param>
internal sealed record ModelOffer(
    string Name, string Provider, OfferedPrices Prices, Money Request, IReadOnlyList<OfferedTier> Tiers, long? ContextLength, long? MaxOutputTokens)
{
    /// <summary>The prices that only some models have: kinds of tokens, and <c>tool:</c> with a tool's name, per use.</summary>
    public IReadOnlyList<KeyValuePair<string, Money>> Others { get; init; } = [];

    public bool IsWildcard => Name.EndsWith(Model.Wildcard, StringComparison.Ordinal);

    /// <summary>True if a line with the prices of prompt, cached prompt and completion does not say it all.</summary>
    public bool HasMorePrices => Tiers.Count > 0 || Request != Money.Zero || Prices.CacheWrite != Prices.Input || Prices.Reasoning != Prices.Output || Others.Count > 0;
}

/// <summary>A name that stands for other models, tried in their order.</summary>
internal sealed record AliasOffer(string Name, IReadOnlyList<string> Models);

/// <summary>What may be called, for everybody to see.</summary>
internal sealed class ModelOffers(CatalogStore catalog)
{
    private volatile Offers? _last;

    /// <summary>ISO 4217 code of all prices and balances.</summary>
    public string Currency => catalog.Current.Currency;

    /// <summary>By name; made once for each revision of the catalog.</summary>
    public IReadOnlyList<ModelOffer> List() => Current().Models;

    private Offers Current()
    {
        var current = catalog.Current;
        if (_last is { } last && ReferenceEquals(last.Catalog, current))
        {
            return last;
        }

        return _last = new Offers(current, ModelsOf(current), [.. current.Aliases.OrderBy(static alias => alias.Key, StringComparer.Ordinal).Select(static alias => new AliasOffer(alias.Key, alias.Value))]);
    }

    private static IReadOnlyList<ModelOffer> ModelsOf(CatalogSnapshot catalog) =>
    [
        .. from provider in catalog.Providers.Values
            from model in provider.Models.Values
            let name = ModelName.Canonical(provider.Name, model.Id)
            orderby name
            select new ModelOffer(
                name,
                provider.Name,
                OfferedPrices.Of(model.Price.Tokens),
                new Money(model.Price.Request),
                [.. model.Price.Tiers.Select(static tier => new OfferedTier(tier.AbovePromptTokens, OfferedPrices.Of(tier.Tokens)))],
                model.ContextLength,
                model.MaxOutputTokens)
            {
                Others = [.. model.Price.Others.Select(static other => KeyValuePair.Create(other.Key, new Money(other.Value)))],
            },
    ];

    /// <summary>By name.</summary>
    public IReadOnlyList<AliasOffer> Aliases() => Current().Aliases;

    /// <summary>A model to show in examples; null where nothing is configured.</summary>
    public string? Example() => List().FirstOrDefault(static offer => !offer.IsWildcard)?.Name ?? (Aliases() is [var alias, ..] ? alias.Name : null);

    private sealed record Offers(CatalogSnapshot Catalog, IReadOnlyList<ModelOffer> Models, IReadOnlyList<AliasOffer> Aliases);
}
