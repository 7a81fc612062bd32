using MixGateway.Administration;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Authentication;

/// <summary>Puts the authentication of callers together.</summary>
internal static class AuthenticationExtensions
{
    public static void AddApiKeys(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<KeyLookup>();
        services.AddSingleton<CallerDirectory>();
        services.AddSingleton<IAccountObserver>(static provider => provider.GetRequiredService<CallerDirectory>());
        services.AddSingleton<IKeyObserver>(static provider => provider.GetRequiredService<CallerDirectory>());
    }
}
