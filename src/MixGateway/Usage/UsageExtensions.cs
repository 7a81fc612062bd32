using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.Diagnostics;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Usage.Retention;

namespace MixGateway.Usage;

internal static class UsageExtensions
{
    /// <summary>Adds <see cref="IBooks"/> on the database that <c>AddStorage</c> chose. Whoever wants balances registers an <see cref="IAccountObserver"/>.</summary>
    public static void AddUsage(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddBilling();
        services.AddOptions<BooksOptions>().BindConfiguration(BooksOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BooksOptions>, BooksOptionsValidation>());
        if (StorageExtensions.UsesPostgres(builder.Configuration))
        {
            services.AddSingleton<IBookStore, PostgresBookStore>();
        }
        else
        {
            services.AddSingleton<IBookStore, SqliteBookStore>();
        }

        builder.AddRetention();
        services.AddSingleton<AccountStateReader>();
        services.AddSingleton<PushMarks>();
        services.AddSingleton<DebitBooks>();
        services.AddSingleton<AccountInstaller>();
        services.AddSingleton<AccountRefresher>();
        services.AddHostedService<AccountPusher>();
        services.AddSingleton<IdleAccounts>();
        services.AddHostedService(static provider => provider.GetRequiredService<IdleAccounts>());
        services.AddSingleton<ReplicaTable>();
        services.AddHostedService<ReplicaRegistry>();
        services.AddSingleton<OpenCalls>();
        services.AddSingleton<OpenCallStore>();
        services.AddHostedService<OpenCallWriter>();
        services.AddFeatureMetrics<UsageMetrics>();
        services.AddSingleton<Books>();
        services.AddSingleton<IBooks>(provider => provider.GetRequiredService<Books>());
        services.AddHostedService(provider => provider.GetRequiredService<Books>());
        services.AddHostedService<OpenCallRecovery>();
        services.AddSingleton<BookedCalls>();
        services.AddSingleton<CallSettler>();
        services.AddSingleton<ISweepBooks, SweepBooks>();
        services.AddSweeper();
    }
}
