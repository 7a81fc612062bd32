using System.Diagnostics.Metrics;
using MixGateway.Diagnostics;

namespace MixGateway.Quotas;

/// <summary>Which calls may run, and how the hot store stands.</summary>
internal sealed class QuotasMetrics
{
    private const string Outcome = "outcome";

    /// <summary>Made once: one of them is 1, the others 0.</summary>
    private static readonly KeyValuePair<string, object?>[] Modes = [new("mode", "durable"), new("mode", "volatile"), new("mode", "down")];

    private readonly Counter<long> _admissions;
    private readonly Histogram<double> _admission;
    private readonly Histogram<double> _sweep;
    private readonly TimeProvider _time;

    public QuotasMetrics(IMeterFactory meters, HotStoreStatus status, TimeProvider time)
    {
        _time = time;
        var meter = meters.CreateGatewayMeter();
        _admissions = meter.CreateCounter<long>("mixgateway.admissions", "{call}", "Calls that asked to run, by what they were told");
        _admission = meter.CreateOwnSeconds("mixgateway.admission.duration", "How long the answer of the hot store took, with the first use of an account");
        _sweep = meter.CreateOwnSeconds("mixgateway.sweep.duration", "One round over all shards of the hot store");
        meter.CreateObservableUpDownCounter("mixgateway.holds", () => status.Calls, "{call}", "Calls that hold money: running, or waiting for the database; of all replicas, as the last sweep counted them");
        meter.CreateObservableCounter("mixgateway.calls.abandoned", () => status.Abandoned, "{call}", "Calls whose gateway was silent for a lease, found by this replica");
        meter.CreateObservableGauge("mixgateway.hot_store.mode", () => ModesOf(status), unit: null, "1 for the mode that the hot store is in");
        meter.CreateObservableGauge("mixgateway.hot_store.memory.used", () => status.MemoryUsed, unit: null, "Share of its memory, from 0 to 1; from 0.8 on calls are refused");
    }

    public long Start() => _time.GetTimestamp();

    /// <param name="startedAt">From <see cref="Start"/>.</param>
    public void Admitted(long startedAt, Admission admission)
    {
        _admission.Record(_time.GetElapsedTime(startedAt).TotalSeconds);
        _admissions.Add(1, new KeyValuePair<string, object?>(Outcome, WordOf(admission)));
    }

    /// <summary>A call that was not even asked about, because the stores cannot settle it.</summary>
    public void Closed() => _admissions.Add(1, new KeyValuePair<string, object?>(Outcome, "closed"));

    /// <param name="startedAt">From <see cref="Start"/>.</param>
    public void Swept(long startedAt) => _sweep.Record(_time.GetElapsedTime(startedAt).TotalSeconds);

    private static string WordOf(Admission admission) => admission switch
    {
        { Status: AdmissionStatus.Held } => "held",
        { Status: AdmissionStatus.Load } => "unknown_account",
        { Status: AdmissionStatus.Stale } => "key_changed",
        { Refusal.Kind: var kind } => kind switch
        {
            RefusalKind.AccountSuspended => "account_suspended",
            RefusalKind.KeyRevoked => "key_revoked",
            RefusalKind.KeyExpired => "key_expired",
            RefusalKind.Concurrency => "concurrency",
            RefusalKind.Requests => "requests",
            RefusalKind.Tokens => "tokens",
            RefusalKind.SpendPerDay or RefusalKind.SpendPerMonth or RefusalKind.SpendTotal => "spend_limit",
            _ => "balance",
        },
        _ => "store_down",
    };

    private static Measurement<int>[] ModesOf(HotStoreStatus status)
    {
        var mode = !status.Answers ? 2 : status.Kind == HotStoreKind.Durable ? 0 : 1;
        return [new(mode == 0 ? 1 : 0, Modes[0]), new(mode == 1 ? 1 : 0, Modes[1]), new(mode == 2 ? 1 : 0, Modes[2])];
    }
}
