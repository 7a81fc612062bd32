using Microsoft.Extensions.Configuration;
using MixGateway.Payments;

namespace MixGateway.Tests.Payments;

public sealed class PaymentsOptionsTests
{
    private const string Secret = "a-secret-of-the-tests-0123456789";

    [Fact]
    public void Payments_NotSetUp_AreOffAndFine()
    {
        Validate(new PaymentsOptions()).Should().BeEmpty();
        new PaymentsOptions().Stripe.IsOn.Should().BeFalse();
        new PaymentsOptions { Stripe = { SecretKey = "", WebhookSecret = "" }, EPay = { Key = "", Pid = "" } }.Stripe.IsOn.Should().BeFalse("compose files pass what is not set as empty");
    }

    [Fact]
    public void Payments_SetUpWhole_AreFine() => Validate(Whole()).Should().BeEmpty();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("                        ")]
    public void StripeSigningSecret_MissingOrWeak_IsRefusedByName(string? secret)
    {
        var options = Whole();
        options.Stripe.WebhookSecret = secret;

        Validate(options).Should().ContainSingle().Which.Should().StartWith("Payments:Stripe:WebhookSecret");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    public void EPayKey_MissingOrWeak_IsRefusedByName(string? key)
    {
        var options = Whole();
        options.EPay.Key = key;

        Validate(options).Should().ContainSingle().Which.Should().StartWith("Payments:EPay:Key");
    }

    [Fact]
    public void Secrets_ThatAreRefused_AreNotShown()
    {
        var options = Whole();
        (options.Stripe.SecretKey, options.Stripe.WebhookSecret, options.EPay.Key) = ("sk_tiny", "wh_tiny", "ep_tiny");

        Validate(options).Should().HaveCount(3).And.NotContain(error => error.Contains("tiny"));
    }

    [Theory]
    [InlineData("USD", null, false)]
    [InlineData("USD", "7.2", true)]
    [InlineData("USD", "0", false)]
    [InlineData("CNY", null, true)]
    [InlineData("CNY", "1", true)]
    [InlineData("CNY", "7.2", false)]
    public void EPayRate_BesideTheBillingCurrency_HasToFit(string currency, string? rate, bool fits)
    {
        var options = Whole();
        options.EPay.Rate = rate is null ? null : decimal.Parse(rate, System.Globalization.CultureInfo.InvariantCulture);

        var errors = Validate(options, currency);
        (errors.Count == 0).Should().Be(fits);
        errors.Where(error => !error.StartsWith("Payments:EPay:Rate", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public void Settings_OutOfRange_AreAllNamed()
    {
        var options = Whole();
        (options.MinAmount, options.MaxAmount, options.Amounts, options.ProductName) = (10, 5, [1], "");
        (options.ReturnUrl, options.NotifyUrl, options.NotificationsPerMinute) = ("/relative", "ftp://host", 0);
        (options.Stripe.ApiUrl, options.Stripe.Timeout, options.EPay.Url, options.EPay.Pid, options.EPay.Methods) = ("stripe", TimeSpan.Zero, "", "a b", []);

        Validate(options).Select(error => error.Split(": ")[0]).Should().BeEquivalentTo(
            "Payments:MaxAmount", "Payments:Amounts", "Payments:ProductName", "Payments:ReturnUrl", "Payments:NotifyUrl", "Payments:NotificationsPerMinute",
            "Payments:Stripe:ApiUrl", "Payments:Stripe:Timeout", "Payments:EPay:Url", "Payments:EPay:Pid", "Payments:EPay:Methods");
    }

    private static PaymentsOptions Whole() => new()
    {
        ReturnUrl = "https://gateway.example/dashboard/billing",
        NotifyUrl = "https://gateway.example",
        Stripe = { SecretKey = "sk_" + Secret, WebhookSecret = "whsec_" + Secret },
        EPay = { Url = "https://pay.example/", Pid = "1001", Key = Secret, Rate = 7.2m },
    };

    private static List<string> Validate(PaymentsOptions options, string currency = "USD")
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Billing:Currency", currency)]).Build();
        return [.. new PaymentsOptionsValidation(configuration).Validate(null, options).Failures ?? []];
    }
}
