using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Administration;

/// <summary>
/// The one way to change an account, its balance or its keys: the account is locked first, so that changes of it follow one
/// another, in this process and in others; its version rises; the audit entry is part of the same transaction; and observers are
/// told after the commit, then the hot store, so that a change that was answered is in effect on every replica. If that one does not
/// answer, <see cref="AccountPusher"/> repeats it.
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
        await using var transaction = await database.BeginDurableAsync();
        if (await database.LockAccountAsync(accountId, CancellationToken.None) is not { } account)
        {
            return Refusal.NotFound("account", accountId);
        }

        var edit = new AccountEdit(database, account, actor, time.Now());
        var outcome = await change(edit);
        if (outcome.Refusal is not null)
        {
            if (edit is { HasRecordedRefusal: true, HasChanges: false })
            {
                await database.SaveChangesAsync();
                await transaction.CommitAsync();
            }
        }
        else if (edit.HasChanges)
        {
            await database.SaveChangesAsync();
            await transaction.CommitAsync();
            Tell(edit);

            // Brings every change that is not marked as pushed, so this one with its keys, and any that could not be pushed before.
            await installer.InstallAsync(accountId, []);
        }

        return outcome;
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
