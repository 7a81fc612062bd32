using Microsoft.Extensions.Options;
using MixGateway.Administration.Api;
using MixGateway.Billing;
using MixGateway.Billing.Reconciliation;
using MixGateway.Diagnostics;

namespace MixGateway.Administration;

/// <summary>How the gateway is changed: the use cases, and the management API over them.</summary>
internal static class AdministrationExtensions
{
    /// <summary>Needs the storage, the quotas, the usage, the catalog, and whoever knows how providers do. Observers of accounts and keys that others register are told of every change.</summary>
    public static void AddAdministration(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddBilling();
        services.AddOptions<AdministrationOptions>().BindConfiguration(AdministrationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AdministrationOptions>, AdministrationOptionsValidation>();
        services.AddSingleton<AccountTransaction>();
        services.AddSingleton<Balances>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<Keys>();
        services.AddSingleton<AccountDebugging>();
        services.AddSingleton<Debits>();
        services.AddSingleton<Ledger>();
        services.AddSingleton<PaymentBooks>();
        services.AddFeatureMetrics<PaymentMetrics>();
        services.AddSingleton<PaymentSettlement>();
        services.AddSingleton<PaymentRefunds>();
        services.AddSingleton<BalanceAlerts>();
        services.AddSingleton<UsageReport>();
        services.AddSingleton<UsageSummary>();
        services.AddSingleton<MarginSummary>();
        services.AddSingleton<CallsInFlight>();
        services.AddReconciliation();
        services.AddSingleton<Repairs>();
        services.AddSingleton<Reconciliations>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<LedgerCurrency>();
        services.AddHostedService(static provider => provider.GetRequiredService<LedgerCurrency>());
        services.AddSingleton<AdminTokens>();
        services.AddSingleton<WrongTokens>();
        services.AddSingleton<AdminTokenCheck>();
        services.AddSingleton<RedemptionCodes>();
        services.AddSingleton<Redemptions>();
        services.AddSingleton<Providers>();
        services.AddSingleton<CatalogReport>();
        services.AddApiDocument();
    }

    /// <summary>Puts the API at <c>/api/v1</c>. Belongs behind the middleware that gives requests their id.</summary>
    public static void MapAdministration(this WebApplication app)
    {
        app.UseApiBoundary();
        var api = app.MapGroup(ApiPaths.Root).RefusesAnywhere(401, 403, 429, 500, 503);
        api.MapAccounts();
        api.MapLedger();
        api.MapKeys();
        api.MapUsage();
        api.MapDebugging();
        api.MapCalls();
        api.MapReconciliation();
        api.MapRedemptions();
        api.MapOperations();
        api.MapTokens();
        app.MapApiReference();
    }
}
