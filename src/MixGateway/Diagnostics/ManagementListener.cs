using Microsoft.Extensions.Options;
using MixGateway.Forwarding;
using MixGateway.OpenAI;
using MixGateway.Payments;

namespace MixGateway.Diagnostics;

/// <summary><c>Management:Urls</c>: metrics, management API and console on a listener of their own, which callers need not reach.</summary>
internal static class ManagementListener
{
    private const string Health = "/health";
    private const string EndpointsKey = "Kestrel:Endpoints";

    /// <summary>Makes the server listen there too. Belongs behind <see cref="ServerExtensions.AddServer"/>, which chooses the callers' addresses.</summary>
    public static void AddManagementListener(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ManagementOptions>().BindConfiguration(ManagementOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ManagementOptions>, ManagementOptionsValidation>();
        var urls = ManagementOptions.Split(builder.Configuration[ManagementOptions.UrlsKey]);
        if (urls.Length == 0)
        {
            return;
        }

        builder.Services.AddSingleton<IStartupFilter, PlaygroundCalls>();
        if (builder.Configuration.GetSection(EndpointsKey).Exists())
        {
            // Kestrel ignores addresses where endpoints are configured.
            for (var i = 0; i < urls.Length; i++)
            {
                builder.Configuration[$"{EndpointsKey}:Management{i}:Url"] = urls[i];
            }
        }
        else
        {
            builder.WebHost.UseUrls([.. PublicUrls(builder.Configuration), .. urls]);
        }
    }

    /// <summary>Keeps what belongs on one listener off the other. Health, and what payment providers report, are answered on both.</summary>
    public static void UseManagementListener(this WebApplication app)
    {
        var urls = ManagementOptions.Split(app.Services.GetRequiredService<IOptions<ManagementOptions>>().Value.Urls);
        if (urls.Length == 0)
        {
            return;
        }

        var ports = Array.ConvertAll(urls, static url => ManagementOptions.PortOf(url) ?? 0);
        app.Use((context, next) =>
        {
            var path = context.Request.Path;
            var isCall = path.StartsWithSegments(OpenAIPaths.Root);
            if (path.StartsWithSegments(Health) || path.StartsWithSegments(NotificationEndpoints.Root) || isCall != ports.Contains(context.Connection.LocalPort)
                || PlaygroundCalls.IsOne(context))
            {
                return next(context);
            }

            if (isCall)
            {
                return context.WriteErrorAsync(OpenAIErrors.UnknownUrl(path, null)).AsTask();
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Where callers are served, as far as it is not configured endpoint by endpoint.</summary>
    public static string[] PublicUrls(IConfiguration configuration)
    {
        if (configuration.GetSection(EndpointsKey).Exists())
        {
            return [.. configuration.GetSection(EndpointsKey).GetChildren().Select(static endpoint => endpoint["Url"]).OfType<string>()];
        }

        var urls = ManagementOptions.Split(configuration[WebHostDefaults.ServerUrlsKey]);
        return urls.Length > 0
            ? urls
            : [.. Ports(configuration, WebHostDefaults.HttpPortsKey, "http"), .. Ports(configuration, WebHostDefaults.HttpsPortsKey, "https")];
    }

    /// <summary>What the images of ASP.NET Core set: ports on every address.</summary>
    private static IEnumerable<string> Ports(IConfiguration configuration, string key, string scheme) =>
        ManagementOptions.Split(configuration[key]).Select(port => $"{scheme}://*:{port}");
}
