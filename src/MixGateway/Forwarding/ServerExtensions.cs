namespace MixGateway.Forwarding;

/// <summary>How Kestrel is set up, and how it stops.</summary>
internal static class ServerExtensions
{
    private const string DefaultUrl = "http://localhost:8080";
    private const long MaxManagementBody = 1024 * 1024;

    public static void AddServer(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.WebHost.ConfigureKestrel(static server =>
        {
            server.AddServerHeader = false;

            // Everything but a call's body, which has a limit of its own.
            server.Limits.MaxRequestBodySize = MaxManagementBody;

            // A caller may read as slowly as the model's TotalTimeout allows; the answer is paid for.
            server.Limits.MinResponseDataRate = null;
        });
        if (HasNoAddress(builder.Configuration))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        List<string> mistakes = [];
        var times = ShutdownTimes.Read(builder.Configuration, mistakes);
        builder.Services.AddOptions<HostOptions>()
            .Configure(options => options.ShutdownTimeout = times.Whole)
            .Validate(_ => mistakes.Count == 0, string.Join("\n  ", mistakes))
            .ValidateOnStart();
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

    private static bool HasNoAddress(ConfigurationManager configuration) =>
        string.IsNullOrEmpty(configuration["urls"]) && string.IsNullOrEmpty(configuration["http_ports"])
        && string.IsNullOrEmpty(configuration["https_ports"]) && !configuration.GetSection("Kestrel:Endpoints").Exists();
}
