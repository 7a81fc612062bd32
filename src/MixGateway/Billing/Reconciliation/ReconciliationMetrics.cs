using System.Diagnostics.Metrics;
using System.Text.Json;
using MixGateway.Diagnostics;

namespace MixGateway.Billing.Reconciliation;

/// <summary>What reconciliation found, for whoever watches: runs by outcome, and the drifts of the last run by kind.</summary>
internal sealed class ReconciliationMetrics
{
    private const string Clean = "clean";
    private const string Drifted = "drift";
    private const string Unread = "failed";

    private static readonly DriftKind[] Kinds = Enum.GetValues<DriftKind>();

    private readonly Counter<long> _runs;
    private volatile int[]? _drifts;

    public ReconciliationMetrics(IMeterFactory meters)
    {
        var meter = meters.CreateGatewayMeter();
        _runs = meter.CreateCounter<long>("mixgateway.reconciliation.runs", "{run}", "Reconciliations by outcome: clean, drift or failed");
        meter.CreateObservableGauge("mixgateway.reconciliation.drifts", Drifts, "{drift}", "Drifts that the last reconciliation of this replica found, by kind");

        // A series that begins with its first event shows no rise, and the alert would miss it.
        foreach (var outcome in (string[])[Clean, Drifted, Unread])
        {
            Count(outcome, 0);
        }
    }

    public void Ran(ReconciliationReport report)
    {
        _drifts = [.. Kinds.Select(kind => report.Drifts.Count(drift => drift.Kind == kind))];
        Count(report.Drifts.Count == 0 ? Clean : Drifted);
    }

    public void Failed() => Count(Unread);

    private void Count(string outcome, long runs = 1) => _runs.Add(runs, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Nothing before the first run: no drifts is a finding.</summary>
    private IEnumerable<Measurement<int>> Drifts() => _drifts is { } drifts
        ? Kinds.Select((kind, i) => new Measurement<int>(drifts[i], new KeyValuePair<string, object?>("kind", JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()))))
        : [];
}
