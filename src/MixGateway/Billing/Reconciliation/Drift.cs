namespace MixGateway.Billing.Reconciliation;

/// <summary>Which of the books' rules an account breaks.</summary>
internal enum DriftKind
{
    /// <summary>The balance is not the sum of the ledger.</summary>
    Balance,

    /// <summary>What the days' sums charge is not what the ledger charges; or, of accounts that have not many records, not what the records charge that are kept.</summary>
    UsageDaily,

    /// <summary>What the sums for spend limits have of the account in all is not what the days' sums charge.</summary>
    Spend,

    /// <summary>The hot store knows a later version of the account than the database: the database has lost something.</summary>
    Version,

    /// <summary>Hot store and database have the account in the same version with different balances.</summary>
    Base,

    /// <summary>What is settled and not yet booked is not what the settled calls are charged.</summary>
    Pending,

    /// <summary>What is held is not what running and abandoned calls hold.</summary>
    Held,

    /// <summary>The number of running calls is not that of the calls.</summary>
    Running,

    /// <summary>Calls whose gateway is silent, or whose record waits, for longer than anything should while both stores are up.</summary>
    Overdue,
}

/// <summary>A rule that does not hold.</summary>
/// <param name="Expected">What it would have to be: an amount, or a count.</param>
/// <param name="Actual">What it is.</param>
/// <param name="Repaired">True if it was put right, which is only done on request, and only where what is there says how.</param>
internal sealed record Drift(Guid AccountId, DriftKind Kind, string Expected, string Actual, bool Repaired = false);

/// <summary>What a run found.</summary>
internal sealed record ReconciliationReport(int AccountsChecked, IReadOnlyList<Drift> Drifts);
