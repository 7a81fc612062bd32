using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Billing.Reconciliation;

/// <summary>A sum of a day, key and model that is not what its records add up to.</summary>
/// <param name="Stored">Null if there is none.</param>
/// <param name="Recomputed">From the records that are there; null if there are none.</param>
internal sealed record DayDifference(UsageDailyRow? Stored, UsageDailyRow? Recomputed)
{
    /// <summary>
    /// True if records are missing. The sum then knows more than its records do, and nothing can be recomputed from what is left.
    /// </summary>
    public bool LacksRecords => (Recomputed?.Requests ?? 0) < (Stored?.Requests ?? 0);
}

/// <summary>What an account's days say beside what their records say.</summary>
/// <param name="Differences">Those of days whose records are kept.</param>
/// <param name="StoredCharged">What the days' sums charge, of the days that can be compared.</param>
/// <param name="RecordsCharged">What their records charge.</param>
internal sealed record DayComparison(IReadOnlyList<DayDifference> Differences, Money StoredCharged, Money RecordsCharged);

/// <summary>Compares an account's days one by one. Reads all of its records, so it is for accounts whose sums are known to differ.</summary>
internal sealed class DayComparer(BillingCalendar calendar)
{
    public async Task<DayComparison> CompareAsync(GatewayDbContext database, Guid accountId, KeptRecords kept, CancellationToken cancellationToken)
    {
        List<(UsageDailyRow? Stored, UsageDailyRow? Recomputed)> pairs = [];
        foreach (var span in kept.Spans)
        {
            pairs.AddRange(await PairAsync(database, accountId, span, cancellationToken));
        }

        var cleared = await ClearedAsync(
            database, pairs.Where(static pair => new DayDifference(pair.Stored, pair.Recomputed).LacksRecords).Select(static pair => pair.Stored!.Day).Distinct(), cancellationToken);
        pairs.RemoveAll(pair => cleared.Contains((pair.Stored ?? pair.Recomputed)!.Day));
        return new DayComparison(
            [.. pairs.Where(static pair => pair.Stored is null || !pair.Stored.Equals(pair.Recomputed)).Select(static pair => new DayDifference(pair.Stored, pair.Recomputed))],
            Sum(pairs.Select(static pair => pair.Stored)),
            Sum(pairs.Select(static pair => pair.Recomputed)));
    }

    private async Task<IEnumerable<(UsageDailyRow? Stored, UsageDailyRow? Recomputed)>> PairAsync(
        GatewayDbContext database, Guid accountId, KeptSpan span, CancellationToken cancellationToken)
    {
        var recomputed = new Dictionary<(DateOnly Day, Guid KeyId, string Model), UsageDailyRow>();
        var records = database.UsageRecords.AsNoTracking().Where(record => record.AccountId == accountId && record.StartedAt >= span.From && record.StartedAt < span.To);
        await foreach (var record in records.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var one = UsageDailyRow.Of(calendar.DayOf(record.StartedAt), record);
            var key = (one.Day, one.KeyId, one.Model);
            recomputed[key] = recomputed.TryGetValue(key, out var sum) ? sum.Plus(one) : one;
        }

        var stored = await database.UsageDaily.AsNoTracking().Where(day => day.AccountId == accountId && day.Day >= span.FirstDay && day.Day < span.EndDay)
            .ToDictionaryAsync(day => (day.Day, day.KeyId, day.Model), cancellationToken);
        return recomputed.Keys.Union(stored.Keys).Select(key => (stored.GetValueOrDefault(key), recomputed.GetValueOrDefault(key))).ToList();
    }

    /// <summary>Days of which nobody's records are left were cleared on purpose: by hand, since no mark says so.</summary>
    private async Task<HashSet<DateOnly>> ClearedAsync(GatewayDbContext database, IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        HashSet<DateOnly> cleared = [];
        foreach (var day in days)
        {
            var (from, to) = (calendar.StartOf(day), calendar.StartOf(day.AddDays(1)));
            if (!await database.UsageRecords.AnyAsync(record => record.StartedAt >= from && record.StartedAt < to, cancellationToken))
            {
                cleared.Add(day);
            }
        }

        return cleared;
    }

    private static Money Sum(IEnumerable<UsageDailyRow?> days) => new(days.Sum(static day => day?.Charged ?? 0));
}
