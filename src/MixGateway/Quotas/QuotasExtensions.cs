using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.Diagnostics;

namespace MixGateway.Quotas;

internal static class QuotasExtensions
{
    /// <summary>
    /// Adds the hot store and what is done with it. Register it before the services that use the store at start.
    /// The sweep needs an <see cref="ISweepBooks"/>, which the books register.
    /// </summary>
    public static IServiceCollection AddQuotas(this IServiceCollection services)
    {
        services.AddOptions<QuotasOptions>().BindConfiguration(QuotasOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<QuotasOptions>, QuotasOptionsValidator>();
        services.AddBilling();
        services.AddSingleton<HotStoreConnection>();
        services.AddSingleton<HotStoreStatus>();
        services.AddFeatureMetrics<QuotasMetrics>();
        services.AddSingleton<IAdmissionStore, AdmissionStore>();
        services.AddSingleton<CallAdmission>();
        services.AddSingleton<EarlyCheck>();
        services.AddSingleton<KeyCheck>();
        services.AddSingleton(provider =>
        {
            var connection = provider.GetRequiredService<HotStoreConnection>();
            return new ScriptRunner(() => connection.Database, provider.GetRequiredService<ILogger<ScriptRunner>>());
        });
        services.AddSingleton<CallStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton(provider =>
        {
            var connection = provider.GetRequiredService<HotStoreConnection>();
            return new ShardStore(provider.GetRequiredService<ScriptRunner>(), () => connection.Database, provider.GetRequiredService<IOptions<QuotasOptions>>());
        });
        services.AddSingleton<HotStoreIdentity>();
        services.AddSingleton<HotStoreCheck>();
        services.AddHostedService<HotStoreStartup>();
        services.AddSingleton<HotStoreWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<HotStoreWatch>());
        services.AddSingleton<DebugAccounts>();
        services.AddHostedService(static provider => provider.GetRequiredService<DebugAccounts>());
        return services;
    }

    /// <summary>Adds the sweep of calls whose owner died.</summary>
    public static IServiceCollection AddSweeper(this IServiceCollection services)
    {
        services.AddSingleton<Sweeper>();
        services.AddHostedService<SweeperService>();
        return services;
    }
}
