using MixGateway.Billing;
using MixGateway.Catalog;

namespace MixGateway.Administration.SelfService;

/// <summary>A model as it is offered: what it is called and what it costs per million tokens.</summary>
/// <param name="Name"><c>provider:modelId</c>; the id is <c>*</c> where a provider takes any.</param>
/// <param name="Request">Per call.</param>
internal sealed record ModelOffer(
    string Name, string Provider, Money Input, Money CachedInput, Money Output, Money Request, bool HasTiers, long? ContextLength, long? MaxOutputTokens);

/// <summary>What may be called, for everybody to see.</summary>
internal sealed class ModelOffers(CatalogStore catalog)
{
    /// <summary>ISO 4217 code of all prices and balances.</summary>
    public string Currency => catalog.Current.Currency;

    /// <summary>By name.</summary>
    public IReadOnlyList<ModelOffer> List() =>
    [
        .. from provider in catalog.Current.Providers.Values
            from model in provider.Models.Values
            let name = ModelName.Canonical(provider.Name, model.Id)
            orderby name
            select new ModelOffer(
                name,
                provider.Name,
                new Money(model.Price.Tokens.Input),
                new Money(model.Price.Tokens.CachedInput),
                new Money(model.Price.Tokens.Output),
                new Money(model.Price.Request),
                !model.Price.Tiers.IsEmpty,
                model.ContextLength,
                model.MaxOutputTokens),
    ];

    /// <summary>A model to show in examples; null where nothing is configured.</summary>
    public string? Example()
    {
        var named = List().FirstOrDefault(static offer => !offer.Name.EndsWith(Model.Wildcard, StringComparison.Ordinal));
        return named?.Name;
    }
}
