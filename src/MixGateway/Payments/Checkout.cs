using Microsoft.Extensions.Options;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Catalog;
using MixGateway.Storage;

namespace MixGateway.Payments;

/// <summary>What a payer asks for.</summary>
/// <param name="Method">A way to pay of EPay's; the first one that is offered if null.</param>
internal sealed record CheckoutRequest(Guid? UserId, PaymentProvider? Provider, Money? Amount, string? Method = null);

/// <summary>A payment that is noted, and where the payer's browser has to go.</summary>
internal sealed record CheckoutStart(Payment Payment, string Url);

/// <summary>Begins a payment: it is noted first, then the provider is asked. If that fails, it stays as it was noted.</summary>
internal sealed class Checkout(PaymentBooks books, StripePayments stripe, EPayCheckout epay, CatalogStore catalog, IOptions<PaymentsOptions> options)
{
    private readonly PaymentsOptions _options = options.Value;

    /// <summary>The providers that are set up, in the order in which they are offered.</summary>
    public IReadOnlyList<PaymentProvider> Providers { get; } =
    [
        .. options.Value.Stripe.IsOn ? [PaymentProvider.Stripe] : Array.Empty<PaymentProvider>(),
        .. options.Value.EPay.IsOn ? [PaymentProvider.Epay] : Array.Empty<PaymentProvider>(),
    ];

    public IReadOnlyList<string> EPayMethods => _options.EPay.GetOfferedMethods();

    /// <summary>The only amounts that may be topped up; empty if any from <see cref="MinAmount"/> to <see cref="MaxAmount"/> may.</summary>
    public IReadOnlyList<Money> Amounts { get; } = [.. (options.Value.Amounts ?? []).Select(static amount => amount.Money())];

    public Money MinAmount => _options.MinAmount.Money();

    public Money MaxAmount => _options.MaxAmount.Money();

    public async Task<Outcome<CheckoutStart>> StartAsync(Actor actor, Guid accountId, CheckoutRequest request, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var price = Check(request, errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        var (provider, amount) = (request.Provider!.Value, request.Amount!.Value);
        var currency = provider == PaymentProvider.Epay ? EPayOptions.Currency : catalog.Current.Currency;
        var created = await books.CreateAsync(actor, accountId, new NewPayment(request.UserId, provider, amount, price, currency));
        if (created.IsRefused(out var refusal, out var payment))
        {
            return refusal;
        }

        return provider == PaymentProvider.Epay
            ? new CheckoutStart(payment, epay.AddressFor(payment, request.Method ?? EPayMethods[0]))
            : await OpenStripeAsync(payment, cancellationToken);
    }

    private async Task<Outcome<CheckoutStart>> OpenStripeAsync(Payment payment, CancellationToken cancellationToken)
    {
        MinorUnits.TryCount(payment.Price, payment.PriceCurrency, out var units);
        var opened = await stripe.OpenAsync(payment, units, cancellationToken);
        if (opened.IsRefused(out var refusal, out var page))
        {
            return refusal;
        }

        await books.AttachAsync(payment.Id, page.SessionId);
        return new CheckoutStart(payment with { ProviderId = page.SessionId }, page.Url);
    }

    /// <summary>Gives the price where nothing is wrong.</summary>
    private Money Check(CheckoutRequest request, FieldErrors errors)
    {
        if (request.Provider is not { } provider || !Providers.Contains(provider))
        {
            errors.Add("provider", Providers.Count == 0
                ? "No payment provider is set up."
                : $"Has to be one of: {string.Join(", ", Providers.Select(static offered => offered.ToString().ToLowerInvariant()))}.");
        }

        if (request.Method is { } method && (request.Provider != PaymentProvider.Epay || !EPayMethods.Contains(method)))
        {
            errors.Add("method", $"Is for epay alone, and one of: {string.Join(", ", EPayMethods)}.");
        }

        if (request.Amount is not { } amount || amount < MinAmount || amount > MaxAmount || (Amounts.Count > 0 && !Amounts.Contains(amount)))
        {
            errors.Add("amount", Amounts.Count > 0 ? $"Has to be one of: {string.Join(", ", Amounts)}." : $"Has to be a decimal from {MinAmount} to {MaxAmount}.");
            return Money.Zero;
        }

        return errors.Any ? Money.Zero : PriceOf(request.Provider!.Value, amount, errors);
    }

    private Money PriceOf(PaymentProvider provider, Money amount, FieldErrors errors)
    {
        var currency = catalog.Current.Currency;
        if (provider == PaymentProvider.Epay)
        {
            if (currency != EPayOptions.Currency && _options.EPay.Rate is null)
            {
                // Billing:Currency was edited after the start.
                errors.Add("provider", "Payments:EPay:Rate is not set for the billing currency.");
                return Money.Zero;
            }

            return MinorUnits.Convert(amount, currency == EPayOptions.Currency ? 1 : _options.EPay.Rate!.Value, EPayOptions.Currency);
        }

        if (!MinorUnits.TryCount(amount, currency, out _))
        {
            errors.Add("amount", $"Has to be a whole number of the smallest units of {currency}.");
        }

        return amount;
    }
}
