using System.Globalization;

namespace MixGateway.Forwarding;

/// <summary>How Kestrel is set up, and how it stops.</summary>
internal static class ServerExtensions
{
    public const string ShutdownTimeoutKey = "ShutdownTimeout";
    private const string DefaultUrl = "http://localhost:8080";
    private const long MaxManagementBody = 1024 * 1024;
    private static readonly TimeSpan DefaultShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>After the running calls had their time, so long for what is still to be written to the database.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

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

        var written = ReadShutdownTimeout(builder.Configuration);
        var shutdownTimeout = written ?? DefaultShutdownTimeout;
        builder.Services.AddOptions<ShutdownOptions>()
            .Configure(options => options.Timeout = written)
            .Validate(static options => options.Timeout is not null, $"{ShutdownTimeoutKey}: must be a time span above zero and at most a day, such as 00:00:30.")
            .ValidateOnStart();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = shutdownTimeout + DrainTimeout);
        builder.Services.AddSingleton(services => new RunningCalls(shutdownTimeout, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IHostApplicationLifetime>()));
    }

    private static bool HasNoAddress(ConfigurationManager configuration) =>
        string.IsNullOrEmpty(configuration["urls"]) && string.IsNullOrEmpty(configuration["http_ports"])
        && string.IsNullOrEmpty(configuration["https_ports"]) && !configuration.GetSection("Kestrel:Endpoints").Exists();

    /// <summary>Null if what is written cannot be used.</summary>
    private static TimeSpan? ReadShutdownTimeout(ConfigurationManager configuration)
    {
        if (configuration[ShutdownTimeoutKey] is not { Length: > 0 } text)
        {
            return DefaultShutdownTimeout;
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var timeout) && timeout > TimeSpan.Zero && timeout <= TimeSpan.FromDays(1)
            ? timeout
            : null;
    }

    private sealed class ShutdownOptions
    {
        public TimeSpan? Timeout { get; set; }
    }
}
