using System.Globalization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using MixGateway.Catalog;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace MixGateway.Diagnostics;

/// <summary>Logs and health.</summary>
internal static class DiagnosticsExtensions
{
    /// <summary>Serilog, readable in Development and JSON lines otherwise; the <c>Serilog</c> section can change levels.</summary>
    public static void AddDiagnostics(this WebApplicationBuilder builder)
    {
        ITextFormatter lines = builder.Environment.IsDevelopment()
            ? new MessageTemplateTextFormatter("{Timestamp:HH:mm:ss} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}", CultureInfo.InvariantCulture)
            : new CompactJsonFormatter();
        var redactor = new Redactor();
        var settings = new LogSettings(builder.Configuration);
        builder.Services.AddSingleton(redactor);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSerilog((services, log) =>
        {
            var rejections = new ConnectionRejections(services.GetService<TimeProvider>() ?? TimeProvider.System);
            log.MinimumLevel.Information()
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)

                // At Information YARP writes every target address.
                .MinimumLevel.Override("Yarp", LogEventLevel.Warning)

                // What an attempt came to is logged with its call; YARP would log a bug of ours a second time, as the provider's.
                .MinimumLevel.Override("Yarp.ReverseProxy.Forwarder.HttpForwarder", LogEventLevel.Fatal)

                // Without the console nothing is protected; that its keys end with the process is what is wanted then.
                .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection.EphemeralDataProtectionProvider", LogEventLevel.Error)

                // At Information Npgsql writes every command.
                .MinimumLevel.Override("Npgsql", LogEventLevel.Warning)

                // What EF Core logs of a connection, transaction or query that fails it throws as well. Whoever asked says it once, and not with two
                // stacks a second for as long as the database is down.
                .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Database.Connection", LogEventLevel.Fatal)
                .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Database.Transaction", LogEventLevel.Fatal)
                .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Query", LogEventLevel.Fatal)
                .ReadFrom.Services(services)
                .Filter.ByExcluding(IsSaidElsewhere)
                .Filter.ByExcluding(rejections.IsRepeated)
                .Enrich.FromLogContext()
                .WriteTo.Console(new RedactingFormatter(lines, redactor));
            settings.Configure(log);
            settings.ConfigureSinks(log, redactor);
        }, preserveStaticLogger: true);

        builder.Services.AddHealthChecks().AddCheck<ShutdownHealthCheck>("gateway").AddCheck<HotStoreHealthCheck>("hotStore").AddCheck<DatabaseHealthCheck>("database");
    }

    /// <summary>Tells the log which secrets there are, so that it never shows one, whatever its shape.</summary>
    public static void UseRedaction(this WebApplication app)
    {
        var watch = app.Services.GetRequiredService<Redactor>().Watch(app.Services.GetRequiredService<CatalogStore>(), [.. SecretSettings.ValuesOf(app.Configuration)]);
        app.Lifetime.ApplicationStopped.Register(watch.Dispose);
    }

    /// <summary>
    /// The host's report of a start that failed, stack and all: <see cref="Hosting.Startup"/> says the same in words, or lets the exception through. And
    /// what each look at the health finds, which probes ask for every other second: whoever watches a store says once what is wrong with it.
    /// </summary>
    private static bool IsSaidElsewhere(LogEvent entry) =>
        entry.Properties.TryGetValue("EventId", out var id) && id is StructureValue structure
        && structure.Properties.Any(static member => member is { Name: "Name", Value: ScalarValue { Value: "HostedServiceStartupFaulted" or "HealthCheckEnd" } });

    /// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: calls are taken.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = static _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = HealthReportWriter.WriteAsync });
    }
}
