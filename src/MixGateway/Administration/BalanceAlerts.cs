using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>An account's wish to hear of a low balance.</summary>
internal sealed record BalanceAlert(Money? Threshold);

/// <summary>Somebody who is to be told that a balance is low.</summary>
internal sealed record LowBalance(Guid AccountId, string AccountName, Money Balance, Money Threshold, IReadOnlyList<AlertReader> Readers);

/// <param name="Language">A culture; null for English.</param>
internal sealed record AlertReader(string Email, string? Language);

/// <summary>
/// Wishes to hear of low balances, and who is told when. A fall below the threshold is told once: the row says that it was, until the
/// balance is up again, and of several replicas the one that changes the row first does it.
/// </summary>
internal sealed class BalanceAlerts(IDbContextFactory<GatewayDbContext> databases, AccountTransaction transaction, TimeProvider time)
{
    private const int Batch = 100;

    /// <summary>A replica that could not send a mail, or died over it, leaves it to the next round after this.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(5);

    public async Task<Outcome<BalanceAlert>> GetAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.BalanceAlerts.AsNoTracking().SingleOrDefaultAsync(alert => alert.AccountId == accountId, cancellationToken);
        return new BalanceAlert(row is null ? null : new Money(row.Threshold));
    }

    /// <param name="threshold">Null for no mails.</param>
    public async Task<Outcome<BalanceAlert>> SetAsync(Actor actor, Guid accountId, Money? threshold)
    {
        if (threshold is { } asked && (asked <= Money.Zero || asked > Credit.MaxAmount))
        {
            var errors = new FieldErrors();
            errors.Add("threshold", $"Has to be a decimal above 0 and at most {Credit.MaxAmount}.");
            return Refusal.Invalid(errors);
        }

        return await transaction.RunAsync<BalanceAlert>(actor, accountId, async edit =>
        {
            var row = await edit.Database.BalanceAlerts.AsTracking().SingleOrDefaultAsync(alert => alert.AccountId == accountId);
            var before = row is null ? (Money?)null : new Money(row.Threshold);
            if (before == threshold)
            {
                return new BalanceAlert(threshold);
            }

            if (row is not null)
            {
                edit.Database.BalanceAlerts.Remove(row);
                await edit.Database.SaveChangesAsync();
            }

            if (threshold is { } limit)
            {
                edit.Database.BalanceAlerts.Add(new BalanceAlertRow { AccountId = accountId, Threshold = limit.Nanos });
            }

            edit.Record("account.balance-alert", accountId, new { Threshold = before }, new { Threshold = threshold });
            return new BalanceAlert(threshold);
        });
    }

    /// <summary>Forgets the mails of balances that are up again, so that their next fall is told.</summary>
    public async Task RearmAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.BalanceAlerts
            .Where(alert => alert.MailedAt != null && database.Accounts.Any(account => account.Id == alert.AccountId && account.Balance >= alert.Threshold))
            .ExecuteUpdateAsync(alert => alert.SetProperty(row => row.MailedAt, (DateTime?)null).SetProperty(row => row.ClaimedUntil, (DateTime?)null), cancellationToken);
    }

    /// <summary>Falls that nobody was told of and that this replica now has to tell.</summary>
    public async Task<IReadOnlyList<LowBalance>> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = time.Now();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var due = await (
            from alert in database.BalanceAlerts.AsNoTracking()
            join account in database.Accounts on alert.AccountId equals account.Id
            where alert.MailedAt == null && (alert.ClaimedUntil == null || alert.ClaimedUntil < now) && account.Balance < alert.Threshold
            orderby alert.AccountId
            select new { account.Id, account.Name, account.Balance, alert.Threshold }).Take(Batch).ToListAsync(cancellationToken);
        var claimed = new List<LowBalance>();
        foreach (var low in due)
        {
            var until = now + Claim;
            var won = await database.BalanceAlerts
                .Where(alert => alert.AccountId == low.Id && alert.MailedAt == null && (alert.ClaimedUntil == null || alert.ClaimedUntil < now))
                .ExecuteUpdateAsync(alert => alert.SetProperty(row => row.ClaimedUntil, (DateTime?)until), cancellationToken);
            if (won == 1)
            {
                claimed.Add(new LowBalance(low.Id, low.Name, new Money(low.Balance), new Money(low.Threshold), await ReadersAsync(database, low.Id, cancellationToken)));
            }
        }

        return claimed;
    }

    /// <summary>The fall was told.</summary>
    public async Task MarkAsync(Guid accountId)
    {
        var now = time.Now();
        await using var database = await databases.CreateDbContextAsync();
        await database.BalanceAlerts.Where(alert => alert.AccountId == accountId && alert.MailedAt == null).ExecuteUpdateAsync(alert => alert.SetProperty(row => row.MailedAt, (DateTime?)now));
    }

    /// <summary>The account's owners whose address is confirmed.</summary>
    private static async Task<List<AlertReader>> ReadersAsync(GatewayDbContext database, Guid accountId, CancellationToken cancellationToken) => await (
        from membership in database.Memberships.AsNoTracking()
        join user in database.Users on membership.UserId equals user.Id
        where membership.AccountId == accountId && membership.Role == AccountRole.Owner && user.EmailConfirmed && user.SuspendedAt == null && user.Email != null
        orderby user.Id
        select new AlertReader(user.Email!, user.Language)).ToListAsync(cancellationToken);
}
