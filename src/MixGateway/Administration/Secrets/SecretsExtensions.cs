using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration.Secrets;

/// <summary>Secrets at rest, and the key ring that cookies, forms and links are made with.</summary>
internal static class SecretsExtensions
{
    /// <summary>Needs the storage. Belongs in front of everything that starts with the users.</summary>
    public static void AddSecrets(this IServiceCollection services)
    {
        services.AddOptions<SecurityOptions>().BindConfiguration(SecurityOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SecurityOptions>, SecurityOptionsValidation>();
        services.AddSingleton(static provider => new MasterKeys(
            provider.GetRequiredService<IOptions<SecurityOptions>>(),
            provider.GetRequiredService<DataFolder>(),
            keepsFile: !StorageExtensions.UsesPostgres(provider.GetRequiredService<IConfiguration>()) || provider.GetRequiredService<IHostEnvironment>().IsDevelopment()));
        services.AddSingleton<SecretBox>();
        services.AddDataProtection().SetApplicationName("MixGateway").PersistKeysToDbContext<GatewayDbContext>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(static provider =>
            new ConfigureOptions<KeyManagementOptions>(options => options.XmlEncryptor = provider.GetRequiredService<SecretBox>() is { CanSeal: true } box ? new KeyRingEncryptor(box) : null));
        services.AddHostedService<SecretsAtRest>();
    }
}
