using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace MixGateway.Authentication;

/// <summary>
/// Which address a caller has. Behind a proxy it is what that proxy says in <c>X-Forwarded-For</c>; but only those named in
/// <c>ForwardedHeaders:KnownProxies</c> are believed, because anybody can write the header.
/// </summary>
internal static class CallerAddressExtensions
{
    public const string KnownProxiesKey = "ForwardedHeaders:KnownProxies";

    public static void AddCallerAddress(this WebApplicationBuilder builder)
    {
        List<IPNetwork> proxies = [];
        List<string> mistakes = [];
        foreach (var entry in builder.Configuration.GetSection(KnownProxiesKey).GetChildren())
        {
            if (Parse(entry.Value) is { } network)
            {
                proxies.Add(network);
            }
            else
            {
                mistakes.Add($"{entry.Path}: has to be an address or a network, such as 10.0.0.7 or 10.0.0.0/24.");
            }
        }

        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = proxies.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;

            // Proxies of ours may stand one behind the other; the first that is not ours is the caller.
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            proxies.ForEach(options.KnownIPNetworks.Add);
        });
        builder.Services.AddOptions<ProxySettings>().Validate(_ => mistakes.Count == 0, string.Join("\n  ", mistakes)).ValidateOnStart();
    }

    /// <summary>Belongs before everything that asks for the caller's address.</summary>
    public static void UseCallerAddress(this WebApplication app)
    {
        var known = app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.KnownIPNetworks;
        var unknown = new UnknownProxies([.. known], app.Services.GetRequiredService<ILogger<UnknownProxies>>());
        app.Use((context, next) =>
        {
            unknown.Look(context);
            return next(context);
        });
        if (app.Configuration.GetSection(KnownProxiesKey).Exists())
        {
            app.UseForwardedHeaders();
        }
    }

    private static IPNetwork? Parse(string? text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;

    /// <summary>What carries the check of the proxies.</summary>
    private sealed class ProxySettings;
}
