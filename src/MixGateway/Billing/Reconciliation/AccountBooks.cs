namespace MixGateway.Billing.Reconciliation;

/// <summary>An account as one snapshot of the database has it.</summary>
/// <param name="Ledger">The sum of its ledger.</param>
/// <param name="Charges">What its ledger charges for calls, one by one or carried forward.</param>
/// <param name="Days">What its days' sums charge.</param>
/// <param name="Records">What the records of its days charge, as far as they are kept; null where adding them up is not cheap.</param>
/// <param name="Spend">What the sums for spend limits have of it in all.</param>
internal sealed record AccountBooks(
    Guid AccountId, Money Balance, long Version, Money Ledger, Money Charges, Money Days, RecordedCharges? Records, Money Spend);

/// <summary>Of the days whose records are kept.</summary>
/// <param name="Days">What their sums charge.</param>
/// <param name="Records">What their records charge.</param>
internal sealed record RecordedCharges(Money Days, Money Records);
