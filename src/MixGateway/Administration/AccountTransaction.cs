using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Administration;

/// <summary>
/// The one way to change an account, its balance or its keys: the account is locked first, so that changes of it follow one
/// another, in this process and in others; its version rises; the audit entry is part of the same transaction; and observers are
/// told after the commit.
/// </summary>
internal sealed class AccountTransaction(
    IDbContextFactory<GatewayDbContext> databases,
    IEnumerable<IAccountObserver> accountObservers,
    IEnumerable<IKeyObserver> keyObservers,
    AccountInstaller installer,
    TimeProvider time)
{
    /// <summary>
    /// Cannot be cancelled: who asked would not know whether the change was made. Nothing is saved if <paramref name="change"/> is refused.
    /// </summary>
    public async Task<Outcome<T>> RunAsync<T>(Actor actor, Guid accountId, Func<AccountEdit, Task<Outcome<T>>> change)
        where T : class
    {
        await using var database = await databases.CreateDbContextAsync();

        // SQLite's is BEGIN IMMEDIATE: it waits for the one writer there may be, and no other begins.
        await using var transaction = await database.Database.BeginTransactionAsync();
        if (await LockAsync(database, accountId) is not { } account)
        {
            return Refusal.NotFound("account", accountId);
        }

        var edit = new AccountEdit(database, account, actor, time.Now());
        var outcome = await change(edit);
        if (outcome.Refusal is null && edit.HasChanges)
        {
            await database.SaveChangesAsync();
            await transaction.CommitAsync();
            Tell(edit);

            // Before the answer goes out, so that the next call on any replica sees the change.
            await installer.InstallAsync(accountId, [.. edit.ChangedKeys.Select(static key => key.KeyId)]);
        }

        return outcome;
    }

    private static async Task<AccountRow?> LockAsync(GatewayDbContext database, Guid accountId)
    {
        if (database.Database.IsNpgsql())
        {
            // The answer promises that the change lasts, whatever the server's default is. NO KEY, as for the books: rows that refer
            // to the account may be added meanwhile.
            await database.Database.ExecuteSqlAsync(
                $"SET LOCAL synchronous_commit = on; SELECT 1 FROM accounts WHERE id = {accountId} FOR NO KEY UPDATE");
        }

        return await database.Accounts.AsTracking().SingleOrDefaultAsync(account => account.Id == accountId);
    }

    private void Tell(AccountEdit edit)
    {
        var account = edit.Account;
        foreach (var observer in accountObservers)
        {
            observer.OnBalance(account.Id, new Money(account.Balance), account.Version);
        }

        foreach (var observer in keyObservers)
        {
            if (edit.AccountChanged)
            {
                observer.OnAccountChanged(account.Id);
            }

            foreach (var (keyId, hash) in edit.ChangedKeys)
            {
                observer.OnKeyChanged(keyId, hash);
            }
        }
    }
}
