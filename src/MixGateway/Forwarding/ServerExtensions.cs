using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MixGateway.Hosting;

namespace MixGateway.Forwarding;

/// <summary>How Kestrel is set up, and how it stops.</summary>
internal static class ServerExtensions
{
    private const string DefaultUrl = "http://localhost:8080";
    private const long MaxManagementBody = 1024 * 1024;

    public static void AddServer(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        var connections = new OpenConnections();
        builder.Services.AddSingleton(connections);
        var most = OpenFiles.Connections(builder.Configuration);
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.RequestHeaderEncodingSelector = HeaderEncodings.Select;
            server.ConfigureEndpointDefaults(endpoint => endpoint.Use(connections.Watch));
            server.Limits.MaxConcurrentConnections = most;
            Limit(server.Limits);
        });
        if (HasNoAddress(builder.Configuration))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        List<string> mistakes = [];
        var times = ShutdownTimes.Read(builder.Configuration, mistakes);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = times.Whole);

        // Not a check of the host's own options: those are needed to build the host, before all mistakes can be told at once.
        builder.Services.AddOptions<StopSettings>().Validate(_ => mistakes.Count == 0, string.Join("\n  ", mistakes)).ValidateOnStart();
        builder.Services.AddSingleton(times);
        builder.Services.AddSingleton<RunningCalls>();
        builder.Services.AddSingleton<Shutdown>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<Shutdown>());
    }

    /// <summary>While the gateway stops, every answer asks its caller to use another connection.</summary>
    public static void UseShutdown(this WebApplication app)
    {
        var shutdown = app.Services.GetRequiredService<Shutdown>();
        app.Use((context, next) =>
        {
            if (shutdown.HasBegun)
            {
                Shutdown.AskToLeave(context);
            }

            return next(context);
        });
    }

    /// <summary>What one caller may cost before anything of his was understood; docs/security.md says why each is what it is.</summary>
    private static void Limit(KestrelServerLimits limits)
    {
        // Everything but a call's body, which has a limit of its own.
        limits.MaxRequestBodySize = MaxManagementBody;

        // Of a connection over HTTP/1.1, before anybody reads: bodies are counted where they are kept, not here.
        limits.MaxRequestBufferSize = 128 * 1024;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestHeaderCount = 100;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

        // A caller may read as slowly as the model's TotalTimeout allows; the answer is paid for.
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = 100;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    private static bool HasNoAddress(ConfigurationManager configuration) =>
        string.IsNullOrEmpty(configuration["urls"]) && string.IsNullOrEmpty(configuration["http_ports"])
        && string.IsNullOrEmpty(configuration["https_ports"]) && !configuration.GetSection("Kestrel:Endpoints").Exists();

    /// <summary>What carries the check of the times of a stop.</summary>
    private sealed class StopSettings;
}
