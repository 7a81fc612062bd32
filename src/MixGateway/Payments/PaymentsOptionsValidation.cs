using Microsoft.Extensions.Options;
using MixGateway.Administration;
using MixGateway.Billing;

namespace MixGateway.Payments;

/// <summary>Says what is wrong with the <c>Payments</c> section, and never shows a secret.</summary>
internal sealed class PaymentsOptionsValidation(IConfiguration configuration) : IValidateOptions<PaymentsOptions>
{
    /// <summary>Shorter secrets are guessed, and mostly a mistake.</summary>
    private const int MinSecretLength = 16;

    private const int MaxProductNameLength = 100;
    private const string DefaultCurrency = "USD";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, PaymentsOptions options)
    {
        var errors = new List<string>();
        CheckAmounts(options, errors);
        if (options.ProductName.Length is 0 or > MaxProductNameLength)
        {
            errors.Add($"Payments:ProductName: must have 1 to {MaxProductNameLength} characters; the payer sees it.");
        }

        if (options.NotificationsPerMinute < 1)
        {
            errors.Add($"Payments:NotificationsPerMinute: must be 1 or more, not {options.NotificationsPerMinute}.");
        }

        if (options.Stripe.IsOn)
        {
            CheckStripe(options.Stripe, errors);
        }

        if (options.EPay.IsOn)
        {
            CheckEPay(options.EPay, errors);
        }

        if (options.Stripe.IsOn || options.EPay.IsOn)
        {
            CheckUrl("Payments:ReturnUrl", options.ReturnUrl, "where payers come back to; set it, or Console:PublicUrl", errors);
        }

        if (options.EPay.IsOn)
        {
            CheckUrl("Payments:NotifyUrl", options.NotifyUrl, "where EPay reaches this gateway; set it, or Console:PublicUrl", errors);
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckAmounts(PaymentsOptions options, List<string> errors)
    {
        if (options.MinAmount <= 0)
        {
            errors.Add($"Payments:MinAmount: must be above 0, not {options.MinAmount}.");
        }

        var most = (decimal)Credit.MaxAmount.Nanos / Money.NanosPerUnit;
        if (options.MaxAmount < options.MinAmount || options.MaxAmount > most)
        {
            errors.Add($"Payments:MaxAmount: must be from Payments:MinAmount ({options.MinAmount}) to {most}, not {options.MaxAmount}.");
        }

        if (options.Amounts?.Any(amount => amount < options.MinAmount || amount > options.MaxAmount) == true)
        {
            errors.Add($"Payments:Amounts: each must be from Payments:MinAmount ({options.MinAmount}) to Payments:MaxAmount ({options.MaxAmount}).");
        }
    }

    private static void CheckStripe(StripeOptions stripe, List<string> errors)
    {
        CheckSecret("Payments:Stripe:SecretKey", stripe.SecretKey, "the key of Stripe's API (sk_… or rk_…)", errors);
        CheckSecret("Payments:Stripe:WebhookSecret", stripe.WebhookSecret, "the signing secret of the webhook endpoint (whsec_…), without which anybody could credit accounts", errors);
        CheckUrl("Payments:Stripe:ApiUrl", stripe.ApiUrl, "the address of Stripe's API", errors);
        if (stripe.Timeout < TimeSpan.FromSeconds(1) || stripe.Timeout > TimeSpan.FromMinutes(1))
        {
            errors.Add($"Payments:Stripe:Timeout: must be from 00:00:01 to 00:01:00, not {stripe.Timeout}.");
        }
    }

    private void CheckEPay(EPayOptions epay, List<string> errors)
    {
        CheckUrl("Payments:EPay:Url", epay.Url, "the address of the payment site, without submit.php", errors);
        if (string.IsNullOrEmpty(epay.Pid) || !epay.Pid.All(char.IsAsciiLetterOrDigit))
        {
            errors.Add("Payments:EPay:Pid: set it to the merchant's id at the payment site, letters and digits.");
        }

        CheckSecret("Payments:EPay:Key", epay.Key, "the merchant's key, which signs notifications: without it anybody could credit accounts", errors);
        if (epay.GetOfferedMethods().Length == 0 || epay.GetOfferedMethods().Any(static method => method.Length == 0 || !method.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')))
        {
            errors.Add("Payments:EPay:Methods: name at least one way to pay as the payment site does, such as alipay.");
        }

        var currency = configuration["Billing:Currency"] is { Length: > 0 } written ? written : DefaultCurrency;
        if (epay.Rate is null && currency != EPayOptions.Currency)
        {
            errors.Add($"Payments:EPay:Rate: set it to the yuan that one {currency} costs, such as 7.2: EPay takes {EPayOptions.Currency} and Billing:Currency is {currency}.");
        }
        else if (epay.Rate is <= 0 or > 1_000_000)
        {
            errors.Add($"Payments:EPay:Rate: must be above 0 and at most 1000000, not {epay.Rate}.");
        }
        else if (epay.Rate is not (null or 1) && currency == EPayOptions.Currency)
        {
            errors.Add($"Payments:EPay:Rate: remove it, because Billing:Currency is {EPayOptions.Currency} itself.");
        }
    }

    private static void CheckSecret(string key, string? secret, string what, List<string> errors)
    {
        if (secret is null || secret.Length < MinSecretLength || secret.Any(static letter => letter is <= ' ' or > '~'))
        {
            errors.Add($"{key}: set it to {what}; it has {MinSecretLength} visible ASCII characters or more.");
        }
    }

    private static void CheckUrl(string key, string? url, string what, List<string> errors)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
        {
            errors.Add($"{key}: must be an http(s) address without query, {what}.");
        }
    }
}
