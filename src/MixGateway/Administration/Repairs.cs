using System.Globalization;
using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Billing.Reconciliation;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>
/// Puts right what reconciliation found: the ledger is right about a balance, the records about the days' sums, the database about
/// the hot store's base, and the calls about the hot store's counters. Each repair is in the audit log.
/// </summary>
internal sealed class Repairs(
    AccountTransaction transaction, AccountStore accounts, IDbContextFactory<GatewayDbContext> databases, BillingCalendar calendar, TimeProvider time)
{
    private const string Action = "account.repair";

    /// <returns>False if the hot store does not answer, or the account is gone.</returns>
    /// <exception cref="HotStoreScriptException">The script that repairs the hot store failed.</exception>
    public Task<bool> RepairAsync(Actor actor, Drift drift) => drift.Kind switch
    {
        DriftKind.Balance => ChangeAsync(actor, drift, SumLedgerAsync),
        DriftKind.UsageDaily => ChangeAsync(actor, drift, SumDaysAsync),
        DriftKind.Spend => ChangeAsync(actor, drift, SumSpendAsync),
        DriftKind.Version or DriftKind.Base => ChangeAsync(actor, drift, TellAllAsync),
        _ => RecountAsync(actor, drift),
    };

    private async Task<bool> ChangeAsync(Actor actor, Drift drift, Func<AccountEdit, Drift, Task> change)
    {
        var outcome = await transaction.RunAsync<Drift>(actor, drift.AccountId, async edit =>
        {
            edit.Record(Action, drift.AccountId, Before(drift), After(drift));
            await change(edit, drift);
            return drift;
        });
        return outcome.Refusal is null;
    }

    /// <summary>Anew, and not as it was found: the account is locked only now.</summary>
    private static async Task SumLedgerAsync(AccountEdit edit, Drift drift) =>
        edit.Account.Balance = await edit.Database.LedgerEntries.Where(entry => entry.AccountId == drift.AccountId).SumAsync(entry => entry.Amount);

    private async Task SumDaysAsync(AccountEdit edit, Drift drift)
    {
        var days = new Dictionary<(DateOnly Day, Guid KeyId, string Model), UsageDailyRow>();
        var records = edit.Database.UsageRecords.AsNoTracking().Where(record => record.AccountId == drift.AccountId);
        await foreach (var record in records.AsAsyncEnumerable())
        {
            var one = UsageDailyRow.Of(calendar.DayOf(record.StartedAt), record);
            var key = (one.Day, one.KeyId, one.Model);
            days[key] = days.TryGetValue(key, out var sum) ? sum.Plus(one) : one;
        }

        await edit.Database.UsageDaily.Where(day => day.AccountId == drift.AccountId).ExecuteDeleteAsync();
        edit.Database.UsageDaily.AddRange(days.Values);
    }

    /// <summary>From the days' sums. The hot store takes it over when it reads the account the next time.</summary>
    private static async Task SumSpendAsync(AccountEdit edit, Drift drift)
    {
        var spend = new Dictionary<(Guid KeyId, string Period), long>();
        var days = edit.Database.UsageDaily.AsNoTracking().Where(day => day.AccountId == drift.AccountId);
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

        await edit.Database.UsageSpend.Where(sum => sum.AccountId == drift.AccountId).ExecuteDeleteAsync();
        edit.Database.UsageSpend.AddRange(spend.Select(sum => new UsageSpendRow
        {
            AccountId = drift.AccountId,
            KeyId = sum.Key.KeyId,
            Period = sum.Key.Period,
            Charged = sum.Value,
        }));
    }

    /// <summary>A later version than any that the hot store has seen, of the account and of every key, so that it takes over all of them.</summary>
    private static async Task TellAllAsync(AccountEdit edit, Drift drift)
    {
        if (drift.Kind == DriftKind.Version)
        {
            edit.RaiseAbove(long.Parse(drift.Actual, CultureInfo.InvariantCulture));
        }

        var version = edit.Account.Version;
        await edit.Database.ApiKeys.Where(key => key.AccountId == drift.AccountId)
            .ExecuteUpdateAsync(key => key.SetProperty(row => row.ChangedVersion, version));
    }

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
