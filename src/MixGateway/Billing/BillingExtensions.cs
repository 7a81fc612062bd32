using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MixGateway.Billing;

internal static class BillingExtensions
{
    /// <summary>Adds <see cref="BillingOptions"/> and the <see cref="BillingCalendar"/> of their time zone; may be called by every feature that needs them.</summary>
    public static IServiceCollection AddBilling(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<BillingOptions>().BindConfiguration(BillingOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BillingOptions>, BillingOptionsValidation>());
        services.TryAddSingleton(static provider => new BillingCalendar(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<BillingOptions>>().Value.GetTimeZone()));
        return services;
    }
}
