using MixGateway.Administration;
using MixGateway.Console.Languages;
using MixGateway.Console.Ui;

namespace MixGateway.Console.Account;

/// <summary>A call's time, one phase after the other: admission, waiting for the provider, the answer, settlement.</summary>
internal static class CallPhases
{
    /// <summary>What is not known of a call is part of the phase that it belongs to: older records know no admission.</summary>
    public static IReadOnlyList<Phase> Of(UsageDetail detail, Texts<AccountTexts> texts)
    {
        var entry = detail.Entry;
        var admitted = Math.Min(detail.AdmissionMs ?? 0, entry.DurationMs);
        var first = Math.Clamp(entry.FirstTokenMs ?? entry.DurationMs, admitted, entry.DurationMs);
        List<Phase> phases = [];
        if (detail.AdmissionMs is not null)
        {
            phases.Add(new Phase(texts["Phase.Admission"], admitted, 4));
        }

        phases.Add(new Phase(texts[entry.FirstTokenMs is null ? "Phase.Waiting" : "Phase.FirstToken"], first - admitted, 2));
        if (entry.FirstTokenMs is not null)
        {
            phases.Add(new Phase(texts[entry.Stream ? "Phase.Stream" : "Phase.Answer"], entry.DurationMs - first, 1));
        }

        if (detail.SettlementMs is { } settlement)
        {
            phases.Add(new Phase(texts["Phase.Settlement"], settlement, 3));
        }

        return phases;
    }
}
