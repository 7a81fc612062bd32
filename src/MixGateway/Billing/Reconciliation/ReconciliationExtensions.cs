using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;

namespace MixGateway.Billing.Reconciliation;

internal static class ReconciliationExtensions
{
    /// <summary>Adds the comparison of the stores, and its schedule. Needs the storage, the quotas and the usage.</summary>
    public static IServiceCollection AddReconciliation(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddOptions<ReconciliationOptions>().BindConfiguration(ReconciliationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ReconciliationOptions>, ReconciliationOptionsValidation>();
        services.AddFeatureMetrics<ReconciliationMetrics>();
        services.AddSingleton<KeptRecordsReader>();
        services.AddSingleton<DayComparer>();
        services.AddSingleton<BooksReader>();
        services.AddSingleton<Reconciler>();
        services.AddHostedService<ReconciliationService>();
        return services;
    }
}
