using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Billing.Reconciliation;

/// <summary>Adds up what the database has of accounts. Waits for no writer, and none waits for it.</summary>
internal sealed class BooksReader(IDbContextFactory<GatewayDbContext> databases, KeptRecordsReader keptRecords, DayComparer comparer)
{
    /// <summary>Accounts with more records than this are compared with their ledger alone, which has to be read anyway.</summary>
    public const long CheapRecords = 20_000;

    /// <summary>Long, because sums over years take their time; not for ever, because a snapshot keeps the server from tidying up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Accounts in the order of their ids, from the one after <paramref name="after"/>.</summary>
    public async Task<List<Guid>> NextAsync(Guid after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Accounts
            .Where(account => account.Id.CompareTo(after) > 0)
            .OrderBy(account => account.Id)
            .Select(account => account.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);
    }

    /// <summary>All of them at one instant.</summary>
    public async Task<List<AccountBooks>> ReadAsync(IReadOnlyCollection<Guid> accountIds, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Database.SetCommandTimeout(Patience);
        await using var snapshot = await database.BeginSnapshotAsync(cancellationToken);
        var kept = await keptRecords.ReadAsync(database, cancellationToken);
        var accounts = await database.Accounts.AsNoTracking()
            .Where(account => accountIds.Contains(account.Id))
            .Select(account => new { account.Id, account.Balance, account.Version })
            .ToListAsync(cancellationToken);
        var ledger = await database.LedgerEntries.Where(entry => accountIds.Contains(entry.AccountId))
            .GroupBy(entry => entry.AccountId)
            .Select(entries => new
            {
                AccountId = entries.Key,
                All = entries.Sum(entry => entry.Amount),
                Charges = entries.Sum(entry => entry.Kind == LedgerKind.Usage || entry.Kind == LedgerKind.Carried ? -entry.Amount : 0),
            })
            .ToDictionaryAsync(sum => sum.AccountId, cancellationToken);
        var days = await database.UsageDaily.Where(day => accountIds.Contains(day.AccountId))
            .GroupBy(day => day.AccountId)
            .Select(sums => new { AccountId = sums.Key, Charged = sums.Sum(day => day.Charged), Requests = sums.Sum(day => day.Requests) })
            .ToDictionaryAsync(sum => sum.AccountId, cancellationToken);
        var cheap = accountIds.Where(id => !days.TryGetValue(id, out var day) || day.Requests <= CheapRecords).ToList();
        var records = await ReadRecordsAsync(database, cheap, kept, cancellationToken);
        var spend = await database.UsageSpend
            .Where(sum => accountIds.Contains(sum.AccountId) && sum.KeyId == UsageSpendRow.OfAccount && sum.Period == UsageSpendRow.Total)
            .ToDictionaryAsync(sum => sum.AccountId, sum => sum.Charged, cancellationToken);
        return [.. accounts.Select(account => new AccountBooks(
            account.Id,
            new Money(account.Balance),
            account.Version,
            new Money(ledger.GetValueOrDefault(account.Id)?.All ?? 0),
            new Money(ledger.GetValueOrDefault(account.Id)?.Charges ?? 0),
            new Money(days.GetValueOrDefault(account.Id)?.Charged ?? 0),
            records.GetValueOrDefault(account.Id),
            new Money(spend.GetValueOrDefault(account.Id))))];
    }
    private async Task<Dictionary<Guid, RecordedCharges>> ReadRecordsAsync(
        GatewayDbContext database, List<Guid> accountIds, KeptRecords kept, CancellationToken cancellationToken)
    {
        var sums = accountIds.ToDictionary(static id => id, static _ => (Days: default(ChargedCalls), Records: default(ChargedCalls)));
        foreach (var span in kept.Spans)
        {
            var days = await database.UsageDaily
                .Where(day => accountIds.Contains(day.AccountId) && day.Day >= span.FirstDay && day.Day < span.EndDay)
                .GroupBy(day => day.AccountId)
                .Select(group => new { AccountId = group.Key, Charged = group.Sum(day => day.Charged), Calls = group.Sum(day => day.Requests) })
                .ToListAsync(cancellationToken);
            days.ForEach(day => sums[day.AccountId] = sums[day.AccountId] with { Days = sums[day.AccountId].Days.Plus(day.Charged, day.Calls) });
            var records = await database.UsageRecords
                .Where(record => accountIds.Contains(record.AccountId) && record.StartedAt >= span.From && record.StartedAt < span.To)
                .GroupBy(record => record.AccountId)
                .Select(group => new { AccountId = group.Key, Charged = group.Sum(record => record.Charged), Calls = group.LongCount() })
                .ToListAsync(cancellationToken);
            records.ForEach(record => sums[record.AccountId] = sums[record.AccountId] with { Records = sums[record.AccountId].Records.Plus(record.Charged, record.Calls) });
        }

        var found = new Dictionary<Guid, RecordedCharges>(sums.Count);
        foreach (var (accountId, sum) in sums)
        {
            found[accountId] = sum.Days.Calls == sum.Records.Calls
                ? new RecordedCharges(new Money(sum.Days.Charged), new Money(sum.Records.Charged))
                : await CompareAsync(database, accountId, kept, cancellationToken);
        }

        return found;
    }

    /// <summary>Where records are missing, or sums: day by day, because days that were cleared whole are no drift.</summary>
    private async Task<RecordedCharges> CompareAsync(GatewayDbContext database, Guid accountId, KeptRecords kept, CancellationToken cancellationToken)
    {
        var comparison = await comparer.CompareAsync(database, accountId, kept, cancellationToken);
        return new RecordedCharges(comparison.StoredCharged, comparison.RecordsCharged);
    }

    private readonly record struct ChargedCalls(long Charged, long Calls)
    {
        public ChargedCalls Plus(long charged, long calls) => checked(new(Charged + charged, Calls + calls));
    }
}
