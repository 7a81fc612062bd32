using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Administration;

/// <summary>Which entries to list; null is no filter.</summary>
/// <param name="Period">Of the entry.</param>
internal sealed record LedgerFilter(LedgerKind? Kind, UsagePeriod Period);

/// <summary>The ledger of an account: every change of its balance.</summary>
internal sealed class Ledger(IDbContextFactory<GatewayDbContext> databases, AccountTransaction transaction, Debits debits, TimeProvider time)
{
    public async Task<Outcome<CreditOutcome>> CreditAsync(Actor actor, Guid accountId, Credit credit)
    {
        var errors = new FieldErrors();
        credit.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        var amount = credit.Amount!.Value;
        return amount < Money.Zero && !credit.Force
            ? await DebitAsync(actor, accountId, credit, amount)
            : await transaction.RunAsync<CreditOutcome>(actor, accountId, edit => BookAsync(edit, NewId(), credit, amount));
    }

    /// <summary>Newest first.</summary>
    /// <param name="filter">Null for all entries.</param>
    public async Task<Outcome<Page<LedgerEntry>>> ListAsync(Guid accountId, PageRequest page, CancellationToken cancellationToken, LedgerFilter? filter = null)
    {
        var errors = new FieldErrors();
        filter?.Period.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!await database.Accounts.AnyAsync(account => account.Id == accountId, cancellationToken))
        {
            return Refusal.NotFound("account", accountId);
        }

        var entries = Filter(database.LedgerEntries.AsNoTracking().Where(entry => entry.AccountId == accountId), filter);
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

    /// <summary>
    /// An exception leaves the hold behind, because it is not known then whether the booking was committed; the sweep finds out.
    /// </summary>
    private async Task<Outcome<CreditOutcome>> DebitAsync(Actor actor, Guid accountId, Credit credit, Money amount)
    {
        var id = NewId();
        var ticket = default(CallTicket);
        if (await NeedsHoldAsync(accountId, credit.IdempotencyKey))
        {
            var hold = await debits.HoldAsync(id, accountId, -amount);
            if (hold.IsRefused(out var refusal, out ticket))
            {
                return refusal;
            }
        }

        var version = 0L;
        var outcome = await transaction.RunAsync<CreditOutcome>(actor, accountId, async edit =>
        {
            if (await DebitBooks.IsGivenUpAsync(edit.Database, id))
            {
                return Refusal.Unavailable("The booking took too long and was given up. Nothing was changed; try again in a moment.");
            }

            var booked = await BookAsync(edit, id, credit, amount);
            version = edit.Account.Version;
            return booked;
        });
        if (ticket is not null)
        {
            await (outcome.Value is { IsReplay: false } booked
                ? debits.AcknowledgeAsync(ticket, booked.Entry.BalanceAfter, version)
                : debits.ReleaseAsync(ticket));
        }

        return outcome;
    }

    /// <summary>False where nothing can be booked: there is no such account, or the idempotency key was used before.</summary>
    private async Task<bool> NeedsHoldAsync(Guid accountId, string? idempotencyKey)
    {
        await using var database = await databases.CreateDbContextAsync();
        return await database.Accounts.AnyAsync(account => account.Id == accountId)
            && (idempotencyKey is null || await FindAsync(database, accountId, idempotencyKey) is null);
    }

    private static IQueryable<LedgerEntryRow> Filter(IQueryable<LedgerEntryRow> entries, LedgerFilter? filter)
    {
        if (filter?.Kind is { } kind)
        {
            entries = entries.Where(entry => entry.Kind == kind);

            // Said once more, so that the database sees that its index of such entries holds all of them.
            entries = kind == LedgerKind.Usage ? entries : entries.Where(entry => entry.Kind != LedgerKind.Usage);
        }

        if (filter?.Period.From is { } from)
        {
            entries = entries.Where(entry => entry.CreatedAt >= from);
        }

        return filter?.Period.To is { } to ? entries.Where(entry => entry.CreatedAt < to) : entries;
    }

    private Guid NewId() => AdministrationClock.NewId(time.GetUtcNow().UtcDateTime);

    private static async Task<Outcome<CreditOutcome>> BookAsync(AccountEdit edit, Guid id, Credit credit, Money amount)
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
        var entry = Entry(edit, id, credit, amount);
        edit.Database.LedgerEntries.Add(entry);
        return new CreditOutcome(LedgerEntry.Of(entry), IsReplay: false);
    }

    private static Task<LedgerEntryRow?> FindAsync(GatewayDbContext database, Guid accountId, string idempotencyKey) =>
        database.LedgerEntries.AsNoTracking()
            .SingleOrDefaultAsync(entry => entry.AccountId == accountId && entry.IdempotencyKey == idempotencyKey);

    private static LedgerEntryRow Entry(AccountEdit edit, Guid id, Credit credit, Money amount) => new()
    {
        AccountId = edit.Account.Id,
        Sequence = edit.Account.Version,
        Id = id,
        Kind = amount > Money.Zero ? LedgerKind.Credit : LedgerKind.Adjustment,
        Amount = amount.Nanos,
        BalanceAfter = edit.Account.Balance,
        Note = credit.Note,
        IdempotencyKey = credit.IdempotencyKey,
        RequestHash = credit.IdempotencyKey is null ? null : credit.Hash(),
        CreatedAt = edit.Now,
    };
}
