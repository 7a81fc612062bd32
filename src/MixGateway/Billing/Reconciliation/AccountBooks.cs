namespace MixGateway.Billing.Reconciliation;

/// <summary>An account as one snapshot of the database has it.</summary>
/// <param name="Ledger">The sum of its ledger.</param>
/// <param name="Charges">What its ledger charges for calls.</param>
/// <param name="Days">What its days' sums charge.</param>
/// <param name="Records">What its records charge; null where adding them up is not cheap.</param>
/// <param name="Spend">What the sums for spend limits have of it in all.</param>
internal sealed record AccountBooks(Guid AccountId, Money Balance, long Version, Money Ledger, Money Charges, Money Days, Money? Records, Money Spend);
