using Microsoft.Extensions.DependencyInjection.Extensions;
using MixGateway.Diagnostics;

namespace MixGateway.Catalog;

/// <summary>Registration of the catalog.</summary>
internal static class CatalogExtensions
{
    /// <summary>
    /// Adds <see cref="CatalogStore"/>, <see cref="CatalogStatus"/> and the watcher. The settings are read when the first of
    /// them is asked for, at the latest when the host starts; a <see cref="CatalogException"/> then tells every mistake.
    /// </summary>
    public static WebApplicationBuilder AddCatalog(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<CatalogSource>();
        builder.Services.AddSingleton(services => services.GetRequiredService<CatalogSource>().Store);
        builder.Services.AddSingleton(services => services.GetRequiredService<CatalogSource>().Status);
        builder.Services.AddSingleton<OutgoingWebProxy>();
        builder.Services.ConfigureHttpClientDefaults(static client => client.ConfigurePrimaryHttpMessageHandler(static (handler, services) =>
        {
            if (handler is SocketsHttpHandler sockets)
            {
                sockets.Proxy = services.GetRequiredService<OutgoingWebProxy>();
            }
        }));
        builder.Services.AddFeatureMetrics<CatalogMetrics>();
        builder.Services.AddHostedService<CatalogWatcher>();
        return builder;
    }
}
