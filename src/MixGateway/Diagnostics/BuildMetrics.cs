using System.Diagnostics.Metrics;

namespace MixGateway.Diagnostics;

/// <summary>Which build runs: a gauge that is always 1, with the version as its tag.</summary>
internal sealed class BuildMetrics
{
    public BuildMetrics(IMeterFactory meters)
    {
        KeyValuePair<string, object?>[] tags =
        [
            new("version", GatewayMeter.Version),
            new("runtime", Environment.Version.ToString()),
        ];
        meters.CreateGatewayMeter().CreateObservableGauge("mixgateway.build.info", () => new Measurement<int>(1, tags), unit: null, "The build that runs; always 1");
    }
}
