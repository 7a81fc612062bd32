using Microsoft.Extensions.Options;
using MixGateway.Administration.Api;

namespace MixGateway.Payments;

/// <summary>Top-ups by Stripe and EPay, each off unless it is set up.</summary>
internal static class PaymentsExtensions
{
    private const string PublicUrlKey = "Console:PublicUrl";
    private const string BillingPage = "/dashboard/billing";

    /// <summary>Needs the catalog and the administration.</summary>
    public static void AddPayments(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<PaymentsOptions>().BindConfiguration(PaymentsOptions.Section).PostConfigure<IConfiguration>(Complete).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PaymentsOptions>, PaymentsOptionsValidation>();
        services.AddHttpClient(StripePayments.ClientName, static (provider, client) => client.Timeout = provider.GetRequiredService<IOptions<PaymentsOptions>>().Value.Stripe.Timeout)
            .RemoveAllLoggers();
        services.AddSingleton<StripePayments>();
        services.AddSingleton<StripeNotifications>();
        services.AddSingleton<EPayCheckout>();
        services.AddSingleton<EPayNotifications>();
        services.AddSingleton<NotificationGate>();
        services.AddSingleton<Checkout>();
    }

    public static void MapPayments(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<PaymentsOptions>>().Value;
        app.MapGroup(ApiPaths.Root).RefusesAnywhere(401, 403, 500, 503).MapPaymentEndpoints();
        if (options.Stripe.IsOn)
        {
            app.MapStripeNotifications();
        }

        if (options.EPay.IsOn)
        {
            app.MapEPayNotifications();
        }
    }

    /// <summary>Addresses that are not set follow from the console's.</summary>
    private static void Complete(PaymentsOptions options, IConfiguration configuration)
    {
        if (configuration[PublicUrlKey]?.TrimEnd('/') is { Length: > 0 } console)
        {
            options.ReturnUrl ??= console + BillingPage;
            options.NotifyUrl ??= console;
        }
    }
}
