using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>The ledger of an account: every change of its balance.</summary>
internal sealed class Ledger(IDbContextFactory<GatewayDbContext> databases, AccountTransaction transaction)
{
    public async Task<Outcome<CreditOutcome>> CreditAsync(Actor actor, Guid accountId, Credit credit)
    {
        var errors = new FieldErrors();
        credit.Check(errors);
        return errors.Any
            ? Refusal.Invalid(errors)
            : await transaction.RunAsync<CreditOutcome>(actor, accountId, edit => BookAsync(edit, credit, credit.Amount!.Value));
    }

    /// <summary>Newest first.</summary>
    public async Task<Outcome<Page<LedgerEntry>>> ListAsync(Guid accountId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!await database.Accounts.AnyAsync(account => account.Id == accountId, cancellationToken))
        {
            return Refusal.NotFound("account", accountId);
        }

        var entries = database.LedgerEntries.AsNoTracking().Where(entry => entry.AccountId == accountId);
        if (page.After is { } after)
        {
            if (!after.TryGet(out long last))
            {
                return Refusal.BadCursor();
            }

            entries = entries.Where(entry => entry.Sequence < last);
        }

        var rows = await entries.OrderByDescending(entry => entry.Sequence).Take(page.Take).ToListAsync(cancellationToken);
        return Page.Of(rows, page, LedgerEntry.Of, static row => Cursor.Of(row.Sequence));
    }

    private static async Task<Outcome<CreditOutcome>> BookAsync(AccountEdit edit, Credit credit, Money amount)
    {
        var account = edit.Account;
        if (credit.IdempotencyKey is { } idempotencyKey && await FindAsync(edit.Database, account.Id, idempotencyKey) is { } first)
        {
            return first.RequestHash.AsSpan().SequenceEqual(credit.Hash())
                ? new CreditOutcome(LedgerEntry.Of(first), IsReplay: true)
                : Refusal.Conflict($"The idempotencyKey was used before with another body, for the entry {first.Id}.");
        }

        // A sum of two amounts that fit may not: the balance then stays as it is.
        var balance = (Int128)account.Balance + amount.Nanos;
        if (balance > long.MaxValue || balance < long.MinValue)
        {
            return Refusal.Conflict("The balance would be out of range.");
        }

        if (amount < Money.Zero && balance < 0 && !credit.Force)
        {
            return Refusal.Conflict(
                $"The balance of {new Money(account.Balance)} would fall below zero. Correct by less, or send \"force\": true.");
        }

        var before = new { Balance = new Money(account.Balance) };
        account.Balance = (long)balance;
        edit.Record("account.credit", account.Id, before, new { Balance = new Money(account.Balance), Amount = amount, credit.Note, credit.IdempotencyKey, credit.Force });
        var entry = Entry(edit, credit, amount);
        edit.Database.LedgerEntries.Add(entry);
        return new CreditOutcome(LedgerEntry.Of(entry), IsReplay: false);
    }

    private static Task<LedgerEntryRow?> FindAsync(GatewayDbContext database, Guid accountId, string idempotencyKey) =>
        database.LedgerEntries.AsNoTracking()
            .SingleOrDefaultAsync(entry => entry.AccountId == accountId && entry.IdempotencyKey == idempotencyKey);

    private static LedgerEntryRow Entry(AccountEdit edit, Credit credit, Money amount) => new()
    {
        AccountId = edit.Account.Id,
        Sequence = edit.Account.Version,
        Id = AdministrationClock.NewId(edit.Now),
        Kind = amount > Money.Zero ? LedgerKind.Credit : LedgerKind.Adjustment,
        Amount = amount.Nanos,
        BalanceAfter = edit.Account.Balance,
        Note = credit.Note,
        IdempotencyKey = credit.IdempotencyKey,
        RequestHash = credit.IdempotencyKey is null ? null : credit.Hash(),
        CreatedAt = edit.Now,
    };
}
