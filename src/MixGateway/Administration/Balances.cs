using MixGateway.Billing;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>
/// Shows accounts with what the hot store knows beyond the database: calls that are settled and not yet booked, and what running
/// ones hold. Where it does not know an account or does not answer, the database has the whole story that can be told.
/// </summary>
internal sealed class Balances(AccountStore store, HotStoreStatus status)
{
    public async Task<Account> ShowAsync(AccountRow row)
    {
        if (!status.Answers)
        {
            return Show(row, null);
        }

        var answer = await store.InspectAsync(row.Id);
        return Show(row, answer.Value);
    }

    /// <summary>In the order of the rows; the store is asked about all of them at once.</summary>
    public Task<Account[]> ShowAsync(IEnumerable<AccountRow> rows) => Task.WhenAll(rows.Select(ShowAsync));

    private static Account Show(AccountRow row, AccountView? view)
    {
        if (view is null)
        {
            return Account.Of(row, new Money(row.Balance), Money.Zero);
        }

        // A change that is committed and not yet pushed is in the row alone. Otherwise base and pending have to be of one hand: a
        // call that is booked and not yet acknowledged is in the row's balance and still pending.
        var known = view.Version >= row.ChangedVersion ? view.Base : new Money(row.Balance);
        return Account.Of(row, known - view.Pending, view.Held);
    }
}
