using MixGateway.Catalog;

namespace MixGateway.Administration.Operators;

/// <summary>The currency of every price and balance; ISO 4217.</summary>
internal sealed class BillingCurrency(CatalogStore catalog)
{
    public string Code => catalog.Current.Currency;
}
