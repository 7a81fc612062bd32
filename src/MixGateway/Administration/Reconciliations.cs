using MixGateway.Billing.Reconciliation;

namespace MixGateway.Administration;

/// <summary>Compares what the stores have, and puts right what differs if that is asked for.</summary>
internal sealed class Reconciliations(Reconciler reconciler, Repairs repairs)
{
    public async Task<Outcome<ReconciliationReport>> RunAsync(Actor actor, bool repair, CancellationToken cancellationToken)
    {
        ReconciliationReport report;
        try
        {
            report = await reconciler.RunAsync(cancellationToken);
        }
        catch (HotStoreSilentException)
        {
            return Refusal.Unavailable("The hot store does not answer, so the books could not be compared. Try again in a moment.");
        }

        if (!repair)
        {
            return report;
        }

        List<Drift> drifts = [];
        foreach (var drift in report.Drifts)
        {
            drifts.Add(drift with { Repaired = await repairs.RepairAsync(actor, drift) });
        }

        return report with { Drifts = drifts };
    }
}
