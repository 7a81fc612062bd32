using MixGateway.Administration.SelfService;
using MixGateway.Billing.Reconciliation;

namespace MixGateway.Administration.Operators;

/// <summary>Comparing the books, for administrators.</summary>
internal sealed class OperatorReconciliation(AccessGuard guard, Reconciliations reconciliations)
{
    /// <param name="repair">Puts right what differs.</param>
    public Task<Outcome<ReconciliationReport>> RunAsync(Actor actor, bool repair, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync(actor, () => reconciliations.RunAsync(actor, repair, cancellationToken));
}
