using MixGateway.Administration;
using MixGateway.Storage;

namespace MixGateway.Authentication;

/// <summary>Puts the authentication of callers together.</summary>
internal static class AuthenticationExtensions
{
    public static void AddApiKeys(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<KeyLookup>();
        services.AddSingleton<KeyReader>();
        services.AddSingleton<CallerDirectory>();
        services.AddSingleton<CallerCheck>();
        services.AddSingleton<IKeyObserver>(static provider => provider.GetRequiredService<CallerDirectory>());
    }
}
