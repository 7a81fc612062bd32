using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Accounts: who pays.</summary>
internal sealed class Accounts(IDbContextFactory<GatewayDbContext> databases, AccountTransaction transaction, TimeProvider time)
{
    public async Task<Outcome<Account>> CreateAsync(Actor actor, string? name)
    {
        var errors = new FieldErrors();
        errors.CheckLine("name", name, TextRules.MaxNameLength);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        var now = time.Now();
        var row = new AccountRow { Id = AdministrationClock.NewId(now), Name = name!, Status = AccountStatus.Active, Version = 1, CreatedAt = now };
        await using var database = await databases.CreateDbContextAsync();
        database.Accounts.Add(row);
        database.AuditEntries.Add(AuditEntry.Of(actor, now, "account.create", row.Id, null, Audited(row)));
        await database.SaveChangesAsync();
        return Account.Of(row);
    }

    public async Task<Outcome<Account>> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == id, cancellationToken);
        return row is null ? Refusal.NotFound("account", id) : Account.Of(row);
    }

    /// <summary>Newest first.</summary>
    public async Task<Outcome<Page<Account>>> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        IQueryable<AccountRow> accounts = database.Accounts.AsNoTracking();
        if (page.After is { } after)
        {
            if (!after.TryGet(out Guid last))
            {
                return Refusal.BadCursor();
            }

            accounts = accounts.Where(account => account.Id.CompareTo(last) < 0);
        }

        var rows = await accounts.OrderByDescending(account => account.Id).Take(page.Take).ToListAsync(cancellationToken);
        return Page.Of(rows, page, Account.Of, static row => Cursor.Of(row.Id));
    }

    public async Task<Outcome<Account>> ChangeAsync(Actor actor, Guid id, AccountChanges changes)
    {
        var errors = new FieldErrors();
        changes.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        return await transaction.RunAsync<Account>(actor, id, edit =>
        {
            var account = edit.Account;
            var before = Audited(account);
            account.Name = changes.Name.Or(account.Name)!;
            account.Status = changes.Status.Or(account.Status)!.Value;
            var after = Audited(account);
            if (before != after)
            {
                edit.AccountChanged = true;
                edit.Record("account.change", id, before, after);
            }

            return Task.FromResult<Outcome<Account>>(Account.Of(account));
        });
    }

    private static AuditedAccount Audited(AccountRow row) => new(row.Name, row.Status);

    private sealed record AuditedAccount(string Name, AccountStatus Status);
}
