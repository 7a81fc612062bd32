using System.Diagnostics.Metrics;
using System.Reflection;

namespace MixGateway.Diagnostics;

/// <summary>The meter of everything that the gateway measures: each feature makes its instruments on it.</summary>
internal static class GatewayMeter
{
    public const string Name = "MixGateway";

    /// <summary>Of this build, as <c>0.1.0+commit</c>.</summary>
    public static string Version { get; } =
        typeof(GatewayMeter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Seconds of what the gateway itself does: from a tenth of a millisecond up.</summary>
    private static readonly InstrumentAdvice<double> OwnSeconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    };

    /// <summary>The same meter for every feature of one application.</summary>
    public static Meter CreateGatewayMeter(this IMeterFactory meters) => meters.Create(new MeterOptions(Name) { Version = Version });

    /// <summary>A histogram of seconds that the gateway itself takes.</summary>
    public static Histogram<double> CreateOwnSeconds(this Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, OwnSeconds);
}
