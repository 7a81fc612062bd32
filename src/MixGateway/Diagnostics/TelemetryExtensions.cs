using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MixGateway.Diagnostics;

/// <summary>OpenTelemetry: metrics for Prometheus at <c>/metrics</c>, metrics and traces for a collector where one is configured.</summary>
internal static class TelemetryExtensions
{
    public const string MetricsPath = "/metrics";

    public const string OtlpEndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Series of one instrument of the runtime or of Kestrel. Kestrel's have the most: address, protocol, TLS version and error.</summary>
    private const int MaxForeignSeries = 200;

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidation>();
        services.AddFeatureMetrics<BuildMetrics>();
        services.AddHostedService<MetricsStartup>();
        AddCollector(builder.Configuration);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("mixgateway", serviceVersion: GatewayMeter.Version))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(GatewayMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel").AddPrometheusExporter();

                ((IDeferredMeterProviderBuilder)metrics).Configure(static (provider, deferred) =>
                {
                    var own = provider.GetRequiredService<IMeterFactory>();
                    deferred.AddView(instrument => Stream(instrument, own));
                });
                if (HasCollector(builder.Configuration, "METRICS"))
                {
                    metrics.AddOtlpExporter();
                }
            });
        if (HasCollector(builder.Configuration, "TRACES"))
        {
            telemetry.WithTracing(static traces => traces.AddSource(CallTrace.SourceName).AddOtlpExporter());
        }
    }

    /// <param name="signal">METRICS or TRACES.</param>
    public static string EndpointKeyOf(string signal) => $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";

    public static void MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint(MetricsPath);

    /// <summary>
    /// Two servers in one process have meters of the same name, and each tells only of itself; the runtime's meter has no owner. Memory
    /// for every series that the limit allows is taken at once (some 90 bytes each), so meters with few series get a low one.
    /// </summary>
    private static MetricStreamConfiguration? Stream(Instrument instrument, IMeterFactory own) => instrument.Meter switch
    {
        { Scope: { } scope } when scope != own => MetricStreamConfiguration.Drop,
        { Name: GatewayMeter.Name } => null,
        _ => new MetricStreamConfiguration { CardinalityLimit = MaxForeignSeries },
    };

    /// <summary>The exporters read OpenTelemetry's own names; ours is one of the lowest priority.</summary>
    private static void AddCollector(ConfigurationManager configuration)
    {
        if (configuration[$"{TelemetryOptions.Section}:{nameof(TelemetryOptions.OtlpEndpoint)}"] is { Length: > 0 } endpoint)
        {
            ((IConfigurationBuilder)configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new(OtlpEndpointKey, endpoint)] });
        }
    }

    /// <param name="signal">METRICS or TRACES.</param>
    private static bool HasCollector(ConfigurationManager configuration, string signal) =>
        !string.IsNullOrEmpty(configuration[OtlpEndpointKey])
        || !string.IsNullOrEmpty(configuration[EndpointKeyOf(signal)]);
}
