using System.Net;
using Microsoft.Extensions.Options;
using MixGateway.Administration;
using Stripe;
using Stripe.Checkout;

namespace MixGateway.Payments;

/// <summary>Stripe's API, as far as payments need it.</summary>
internal sealed partial class StripePayments(IHttpClientFactory clients, IOptions<PaymentsOptions> options, ILogger<StripePayments> logger)
{
    public const string PaymentMember = "payment_id";
    public const string AccountMember = "account_id";

    /// <summary>Of the named HTTP client.</summary>
    public const string ClientName = "stripe";

    private readonly PaymentsOptions _options = options.Value;

    /// <summary>Opens a page of Stripe's where the payment is paid.</summary>
    /// <param name="units">The price, in the currency's smallest units.</param>
    public async Task<Outcome<StripePage>> OpenAsync(Payment payment, long units, CancellationToken cancellationToken)
    {
        try
        {
            // The key makes a repetition give the same page, also one that Stripe.net makes by itself after a lost answer.
            var session = await new SessionService(Client()).CreateAsync(
                SessionOf(payment, units), new RequestOptions { IdempotencyKey = $"payment-{payment.Id:N}" }, cancellationToken);
            return session is { Id: { } id, Url: { } url } ? new StripePage(id, url) : Refuse(null);
        }
        catch (Exception exception) when (IsFailure(exception, cancellationToken))
        {
            Log.Failed(logger, StatusOf(exception), (exception as StripeException)?.StripeError?.Code, (exception as StripeException)?.StripeResponse?.RequestId, exception.GetType().Name);
            return Refuse(exception);
        }
    }

    /// <summary>Which of our payments a payment intent of Stripe's is for; null if it is for none.</summary>
    /// <returns>False if Stripe does not tell.</returns>
    public async Task<(bool Answered, Guid? PaymentId)> FindAsync(string paymentIntentId)
    {
        try
        {
            var intent = await new PaymentIntentService(Client()).GetAsync(paymentIntentId);
            return (true, intent.Metadata.TryGetValue(PaymentMember, out var text) && Guid.TryParse(text, out var id) ? id : null);
        }
        catch (StripeException exception) when (exception.HttpStatusCode == HttpStatusCode.NotFound)
        {
            return (true, null);
        }
        catch (Exception exception) when (IsFailure(exception, CancellationToken.None))
        {
            Log.Failed(logger, StatusOf(exception), (exception as StripeException)?.StripeError?.Code, (exception as StripeException)?.StripeResponse?.RequestId, exception.GetType().Name);
            return (false, null);
        }
    }

    private static bool IsFailure(Exception exception, CancellationToken asked) =>
        exception is StripeException or HttpRequestException || (exception is OperationCanceledException && !asked.IsCancellationRequested);

    private static int StatusOf(Exception exception) => exception is StripeException stripe ? (int)stripe.HttpStatusCode : 0;

    /// <summary>Whether it is Stripe's fault or the key's is for the operator to read in the log; the payer can only wait or pay otherwise.</summary>
    private static Refusal Refuse(Exception? exception) => Refusal.Unavailable(
        StatusOf(exception ?? new HttpRequestException()) is >= 400 and < 500 and not (int)HttpStatusCode.TooManyRequests
            ? "Stripe refused to take the payment; the gateway's log says why. Nothing was charged."
            : "Stripe does not answer. Nothing was charged; try again in a moment.");

    private StripeClient Client() => new(new StripeClientOptions
    {
        ApiKey = _options.Stripe.SecretKey,
        ApiBase = _options.Stripe.ApiUrl.TrimEnd('/'),
        HttpClient = new SystemNetHttpClient(clients.CreateClient(ClientName), maxNetworkRetries: 0, enableTelemetry: false),
    });

    private SessionCreateOptions SessionOf(Payment payment, long units)
    {
        var metadata = new Dictionary<string, string> { [PaymentMember] = payment.Id.ToString(), [AccountMember] = payment.AccountId.ToString() };
        return new SessionCreateOptions
        {
            Mode = "payment",
            ClientReferenceId = payment.Id.ToString(),
            Metadata = metadata,
            PaymentIntentData = new SessionPaymentIntentDataOptions { Metadata = metadata },

            // The notification has to say the price that we asked for, in the currency that we asked for.
            AdaptivePricing = new SessionAdaptivePricingOptions { Enabled = false },
            SuccessUrl = $"{_options.ReturnUrl}?payment={payment.Id}",
            CancelUrl = _options.ReturnUrl,
            LineItems =
            [
                new SessionLineItemOptions
                {
                    Quantity = 1,
                    PriceData = new SessionLineItemPriceDataOptions
                    {
                        Currency = payment.PriceCurrency.ToLowerInvariant(),
                        UnitAmount = units,
                        ProductData = new SessionLineItemPriceDataProductDataOptions { Name = _options.ProductName },
                    },
                },
            ],
        };
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "StripeFailed", Level = LogLevel.Warning, Message = "Stripe's API did not do what was asked: status {Status}, code {Code}, request {StripeRequest}, {Exception}.")]
        public static partial void Failed(ILogger logger, int status, string? code, string? stripeRequest, string exception);
    }
}

/// <summary>A page of Stripe's where a payment is paid.</summary>
internal sealed record StripePage(string SessionId, string Url);
