using System.Globalization;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Billing.Reconciliation;

/// <summary>The rules that the books keep at every instant, and what breaks them. Pure.</summary>
internal static class DriftRules
{
    /// <summary>Beyond the lease, the longest that anything stays in the hot store while both stores are up.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(20);

    /// <param name="hot">Null if the hot store does not know the account. Must have been read before <paramref name="books"/>.</param>
    public static IEnumerable<Drift> Check(AccountBooks books, AccountSnapshot? hot)
    {
        var id = books.AccountId;
        if (books.Days != books.Charges)
        {
            yield return new Drift(id, DriftKind.UsageDaily, books.Charges.ToString(), books.Days.ToString());
        }
        else if (books.Records is { } kept && kept.Days != kept.Records)
        {
            yield return new Drift(id, DriftKind.UsageDaily, kept.Records.ToString(), kept.Days.ToString());
        }

        // After the days: a ledger that charges less than they do is not whole, and no balance follows from it.
        if (books.Balance != books.Ledger)
        {
            yield return new Drift(id, DriftKind.Balance, books.Ledger.ToString(), books.Balance.ToString());
        }

        if (books.Spend != books.Days)
        {
            yield return new Drift(id, DriftKind.Spend, books.Days.ToString(), books.Spend.ToString());
        }

        if (hot is null)
        {
            yield break;
        }

        // The database may have gone on since the hot store was read, never back.
        if (hot.Version > books.Version)
        {
            yield return new Drift(id, DriftKind.Version, Text(books.Version), Text(hot.Version));
        }
        else if (hot.Version == books.Version && hot.Base != books.Balance)
        {
            yield return new Drift(id, DriftKind.Base, books.Balance.ToString(), hot.Base.ToString());
        }

        if (hot.Pending != hot.CallsPending)
        {
            yield return new Drift(id, DriftKind.Pending, hot.CallsPending.ToString(), hot.Pending.ToString());
        }

        if (hot.Held != hot.CallsHeld)
        {
            yield return new Drift(id, DriftKind.Held, hot.CallsHeld.ToString(), hot.Held.ToString());
        }

        if (hot.Running != hot.CallsRunning)
        {
            yield return new Drift(id, DriftKind.Running, Text(hot.CallsRunning), Text(hot.Running));
        }
    }

    /// <summary>Calls that nobody spoke of for longer than a lease and <see cref="Slack"/>: no heartbeat, or settled and not booked.</summary>
    /// <param name="upFor">For how long both stores have been up; while one was not, calls may wait.</param>
    public static IEnumerable<Drift> CheckAges(IEnumerable<StoredCall> calls, DateTime now, TimeSpan lease, TimeSpan upFor)
    {
        var limit = lease + Slack;
        return upFor < limit
            ? []
            : calls.Where(call => now - LastSignOf(call) > limit)
                .GroupBy(call => call.AccountId)
                .Select(overdue => new Drift(overdue.Key, DriftKind.Overdue, "0", Text(overdue.Count())));
    }

    /// <summary>A record says when its call began and how long it had run when the record was written: at its heartbeat, or its end.</summary>
    private static DateTime LastSignOf(StoredCall call)
    {
        if (!RecordPayload.TryRead(call.Record.Span, out var record))
        {
            return call.AdmittedAt;
        }

        var written = record!.StartedAt.AddMilliseconds(record.DurationMs);
        return written > call.AdmittedAt ? written : call.AdmittedAt;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
