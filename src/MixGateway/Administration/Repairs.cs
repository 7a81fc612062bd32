using System.Globalization;
using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Billing.Reconciliation;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>
/// Puts right what reconciliation found: the ledger is right about a balance, the records about the days' sums, the database about
/// the hot store's base, and the calls about the hot store's counters. What is left of a history proves nothing about what is gone, so
/// a balance follows only from a whole ledger, a day's sum only from all of its records, and nothing else is touched. Each repair is in
/// the audit log.
/// </summary>
internal sealed class Repairs(
    AccountTransaction transaction, AccountStore accounts, IDbContextFactory<GatewayDbContext> databases, KeptRecordsReader keptRecords, DayComparer comparer, TimeProvider time)
{
    private const string Action = "account.repair";

    /// <returns>False if the hot store does not answer, the account is gone, or what is there does not say how to put it right.</returns>
    /// <exception cref="HotStoreScriptException">The script that repairs the hot store failed.</exception>
    public Task<bool> RepairAsync(Actor actor, Drift drift) => drift.Kind switch
    {
        DriftKind.Balance => ChangeAsync(actor, drift, SumLedgerAsync),
        DriftKind.UsageDaily => ChangeAsync(actor, drift, SumDaysAsync),
        DriftKind.Spend => ChangeAsync(actor, drift, SumSpendAsync),
        DriftKind.Version or DriftKind.Base => ChangeAsync(actor, drift, TellAllAsync),
        _ => RecountAsync(actor, drift),
    };

    /// <param name="change">Notes itself in the audit log if it changes anything, and says whether all is right afterwards.</param>
    private async Task<bool> ChangeAsync(Actor actor, Drift drift, Func<AccountEdit, Drift, Task<bool>> change)
    {
        var repaired = false;
        var outcome = await transaction.RunAsync<Drift>(actor, drift.AccountId, async edit =>
        {
            repaired = await change(edit, drift);
            return drift;
        });
        return outcome.Refusal is null && repaired;
    }

    private static void Record(AccountEdit edit, Drift drift) => edit.Record(Action, drift.AccountId, Before(drift), After(drift));

    /// <summary>Anew, and not as it was found: the account is locked only now.</summary>
    private static async Task<bool> SumLedgerAsync(AccountEdit edit, Drift drift)
    {
        if (!await IsLedgerWholeAsync(edit.Database, drift.AccountId))
        {
            return false;
        }

        Record(edit, drift);
        edit.Account.Balance = await edit.Database.LedgerEntries.Where(entry => entry.AccountId == drift.AccountId).SumAsync(entry => entry.Amount);
        return true;
    }

    /// <summary>A whole ledger begins with nothing before its first entry, and charges no less than the days do.</summary>
    private static async Task<bool> IsLedgerWholeAsync(GatewayDbContext database, Guid accountId)
    {
        var first = await database.LedgerEntries.AsNoTracking().Where(entry => entry.AccountId == accountId).OrderBy(entry => entry.Sequence).FirstOrDefaultAsync();
        return (first is null || first.BalanceAfter == first.Amount) && await ChargesAsync(database, accountId) >= await DaysAsync(database, accountId);
    }

    /// <summary>Each sum from its records, if all of them are there. The triggers bring the sums for spend limits along.</summary>
    private async Task<bool> SumDaysAsync(AccountEdit edit, Drift drift)
    {
        var database = edit.Database;
        var kept = await keptRecords.ReadAsync(database, CancellationToken.None);
        var differences = (await comparer.CompareAsync(database, drift.AccountId, kept, CancellationToken.None)).Differences;
        var charged = await DaysAsync(database, drift.AccountId);
        foreach (var (stored, recomputed) in differences.Where(static difference => !difference.LacksRecords))
        {
            database.Entry(recomputed!).State = stored is null ? EntityState.Added : EntityState.Modified;
            charged += recomputed!.Charged - (stored?.Charged ?? 0);
        }

        if (database.ChangeTracker.Entries<UsageDailyRow>().Any())
        {
            Record(edit, drift);
        }

        return !differences.Any(static difference => difference.LacksRecords) && charged == await ChargesAsync(database, drift.AccountId);
    }

    /// <summary>
    /// From the days' sums. Where those charge less than the ledger does, days are missing, and no sum falls. The hot store takes it over when
    /// it reads the account the next time.
    /// </summary>
    private static async Task<bool> SumSpendAsync(AccountEdit edit, Drift drift)
    {
        var database = edit.Database;
        var sums = await SumSpendAsync(database, drift.AccountId);
        var stored = await database.UsageSpend.Where(sum => sum.AccountId == drift.AccountId).AsTracking().ToDictionaryAsync(static sum => (sum.KeyId, sum.Period));
        var isWhole = await DaysAsync(database, drift.AccountId) >= await ChargesAsync(database, drift.AccountId);
        foreach (var key in sums.Keys.Union(stored.Keys))
        {
            var charged = sums.GetValueOrDefault(key);
            if (!stored.TryGetValue(key, out var row))
            {
                database.UsageSpend.Add(new UsageSpendRow { AccountId = drift.AccountId, KeyId = key.KeyId, Period = key.Period, Charged = charged });
            }
            else if (charged > row.Charged || isWhole)
            {
                database.Entry(row).Property(static sum => sum.Charged).CurrentValue = charged;
            }
        }

        if (database.ChangeTracker.Entries<UsageSpendRow>().Any(static row => row.State is EntityState.Added or EntityState.Modified))
        {
            Record(edit, drift);
        }

        return isWhole;
    }

    private static async Task<Dictionary<(Guid KeyId, string Period), long>> SumSpendAsync(GatewayDbContext database, Guid accountId)
    {
        var spend = new Dictionary<(Guid KeyId, string Period), long>();
        var days = database.UsageDaily.AsNoTracking().Where(day => day.AccountId == accountId);
        await foreach (var day in days.AsAsyncEnumerable())
        {
            var period = BillingCalendar.PeriodOf(day.Day);
            foreach (var keyId in (ReadOnlySpan<Guid>)[day.KeyId, UsageSpendRow.OfAccount])
            {
                foreach (var name in (ReadOnlySpan<string>)[period.Day, period.Month, UsageSpendRow.Total])
                {
                    spend[(keyId, name)] = checked(spend.GetValueOrDefault((keyId, name)) + day.Charged);
                }
            }
        }

        return spend;
    }

    /// <summary>A later version than any that the hot store has seen, of the account and of every key, so that it takes over all of them.</summary>
    private static async Task<bool> TellAllAsync(AccountEdit edit, Drift drift)
    {
        Record(edit, drift);
        if (drift.Kind == DriftKind.Version)
        {
            edit.RaiseAbove(long.Parse(drift.Actual, CultureInfo.InvariantCulture));
        }

        var version = edit.Account.Version;
        await edit.Database.ApiKeys.Where(key => key.AccountId == drift.AccountId)
            .ExecuteUpdateAsync(key => key.SetProperty(row => row.ChangedVersion, version));
        return true;
    }

    /// <summary>What the account's days charge.</summary>
    private static Task<long> DaysAsync(GatewayDbContext database, Guid accountId) =>
        database.UsageDaily.Where(day => day.AccountId == accountId).SumAsync(day => day.Charged);

    /// <summary>What the account's ledger charges for calls.</summary>
    private static async Task<long> ChargesAsync(GatewayDbContext database, Guid accountId) =>
        -await database.LedgerEntries.Where(entry => entry.AccountId == accountId && (entry.Kind == LedgerKind.Usage || entry.Kind == LedgerKind.Carried))
            .SumAsync(entry => entry.Amount);

    private async Task<bool> RecountAsync(Actor actor, Drift drift)
    {
        switch (await accounts.RepairAsync(drift.AccountId))
        {
            case CallAnswer.Ok:
                break;
            case CallAnswer.Broken:
                throw new HotStoreScriptException();
            default:
                return false;
        }

        await using var database = await databases.CreateDbContextAsync();
        database.AuditEntries.Add(AuditEntry.Of(actor, time.Now(), Action, drift.AccountId, Before(drift), After(drift)));
        await database.SaveChangesAsync();
        return true;
    }

    private static object Before(Drift drift) => new { drift.Kind, Value = drift.Actual };

    private static object After(Drift drift) => new { drift.Kind, Value = drift.Expected };
}
