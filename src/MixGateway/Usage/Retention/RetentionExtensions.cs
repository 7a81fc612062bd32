using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Usage.Retention;

internal static class RetentionExtensions
{
    /// <summary>Adds the retention of usage and of the audit log on the database that <c>AddStorage</c> chose.</summary>
    public static void AddRetention(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<UsageRetentionOptions>().BindConfiguration(UsageRetentionOptions.Section).ValidateOnStart();
        services.AddOptions<AuditRetentionOptions>().BindConfiguration(AuditRetentionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<UsageRetentionOptions>, UsageRetentionOptionsValidation>();
        services.AddSingleton<IValidateOptions<AuditRetentionOptions>, AuditRetentionOptionsValidation>();
        services.AddSingleton<UsageHorizon>();
        services.AddSingleton<LedgerCarry>();
        if (StorageExtensions.UsesPostgres(builder.Configuration))
        {
            services.AddSingleton<IExpiredRecords, PostgresExpiredRecords>();
        }
        else
        {
            services.AddSingleton<IExpiredRecords, SqliteExpiredRecords>();
        }

        services.AddHostedService<RetentionService>();
    }
}
