using MixGateway.Billing.Reconciliation;

namespace MixGateway.Administration;

/// <summary>Compares what the stores have, and puts right what differs if that is asked for.</summary>
internal sealed class Reconciliations(Reconciler reconciler, Repairs repairs)
{
    public async Task<Outcome<ReconciliationReport>> RunAsync(Actor actor, bool repair, CancellationToken cancellationToken)
    {
        try
        {
            var report = await reconciler.RunAsync(cancellationToken);
            return repair ? await RepairAsync(actor, report) : report;
        }
        catch (HotStoreSilentException)
        {
            return Refusal.Unavailable("The hot store does not answer, so the books could not be compared. Try again in a moment.");
        }
        catch (HotStoreScriptException)
        {
            return Refusal.Unavailable("A script of the gateway failed in the hot store, which does answer. The log has the script and its error under ScriptBroken.");
        }
    }

    private async Task<ReconciliationReport> RepairAsync(Actor actor, ReconciliationReport report)
    {
        List<Drift> drifts = [];
        foreach (var drift in report.Drifts)
        {
            drifts.Add(drift with { Repaired = await repairs.RepairAsync(actor, drift) });
        }

        return report with { Drifts = drifts };
    }
}
