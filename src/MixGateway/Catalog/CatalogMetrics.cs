using System.Diagnostics.Metrics;
using MixGateway.Diagnostics;

namespace MixGateway.Catalog;

/// <summary>Which catalog is in force, and whether what is written is refused.</summary>
internal sealed class CatalogMetrics
{
    public CatalogMetrics(IMeterFactory meters, CatalogStatus status)
    {
        var meter = meters.CreateGatewayMeter();
        meter.CreateObservableGauge("mixgateway.catalog.revision", () => status.Current.Revision, unit: null, "The revision of the catalog in force");
        meter.CreateObservableGauge("mixgateway.catalog.rejected", () => status.Current.RejectedAt is null ? 0 : 1, unit: null, "1 while the settings as they are written are refused");
        meter.CreateObservableCounter("mixgateway.catalog.rejections", () => status.Rejections, "{edit}", "Edits of the settings that were refused");
    }
}
