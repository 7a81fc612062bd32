using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Which accounts to list; null is no filter.</summary>
/// <param name="Name">A part of the name, small letters or capitals.</param>
internal sealed record AccountFilter(AccountStatus? Status, string? Name);

/// <summary>Accounts: who pays.</summary>
internal sealed class Accounts(IDbContextFactory<GatewayDbContext> databases, AccountTransaction accountTransaction, Balances balances, TimeProvider time)
{
    public async Task<Outcome<Account>> CreateAsync(Actor actor, string? name, LimitChanges limits = default)
    {
        var errors = new FieldErrors();
        errors.CheckLine("name", name, TextRules.MaxNameLength);
        limits.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await database.BeginDurableAsync();
        var row = Add(database, actor, name!, limits, time.Now());
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return Account.Of(row, Money.Zero, Money.Zero);
    }

    /// <summary>Adds an account and its audit entry to what is to be saved; name and limits are checked already.</summary>
    public static AccountRow Add(GatewayDbContext database, Actor actor, string name, LimitChanges limits, DateTime now)
    {
        var row = new AccountRow { Id = AdministrationClock.NewId(now), Name = name, Status = AccountStatus.Active, Version = 1, CreatedAt = now };
        limits.Apply(row);
        database.Accounts.Add(row);
        database.AuditEntries.Add(AuditEntry.Of(actor, now, "account.create", row.Id, null, Audited(row), row.Id));
        return row;
    }

    public async Task<Outcome<Account>> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == id, cancellationToken);
        return row is null ? Refusal.NotFound("account", id) : await balances.ShowAsync(row);
    }

    /// <summary>Newest first.</summary>
    public async Task<Outcome<Page<Account>>> ListAsync(AccountFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var accounts = Filter(database, filter);
        if (page.After is { } after)
        {
            if (!after.TryGet(out Guid last))
            {
                return Refusal.BadCursor();
            }

            accounts = accounts.Where(account => account.Id.CompareTo(last) < 0);
        }

        var rows = await accounts.OrderByDescending(account => account.Id).Take(page.Take).ToListAsync(cancellationToken);
        var part = Page.Of(rows, page, static row => row, static row => Cursor.Of(row.Id));
        return new Page<Account>(await balances.ShowAsync(part.Data), part.NextCursor);
    }

    public async Task<Outcome<Account>> ChangeAsync(Actor actor, Guid id, AccountChanges changes)
    {
        var errors = new FieldErrors();
        changes.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        var outcome = await accountTransaction.RunAsync<AccountRow>(actor, id, edit =>
        {
            var account = edit.Account;
            var before = Audited(account);
            account.Name = changes.Name.Or(account.Name)!;
            account.Status = changes.Status.Or(account.Status)!.Value;
            changes.Limits.Apply(account);
            var after = Audited(account);
            if (before != after)
            {
                edit.AccountChanged = true;
                edit.Record("account.change", id, before, after);
            }

            return Task.FromResult<Outcome<AccountRow>>(account);
        });
        return outcome.IsRefused(out var refusal, out var row) ? refusal : await balances.ShowAsync(row);
    }

    private static IQueryable<AccountRow> Filter(GatewayDbContext database, AccountFilter filter)
    {
        var accounts = database.Accounts.AsNoTracking();
        if (filter.Status is { } status)
        {
            accounts = accounts.Where(account => account.Status == status);
        }

        if (filter.Name is not { } name)
        {
            return accounts;
        }

        // SQLite's LIKE passes over the case of ASCII letters by itself.
        const string Escape = "\\";
        var pattern = $"%{name.Replace(Escape, @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
        return database.Database.IsNpgsql()
            ? accounts.Where(account => EF.Functions.ILike(account.Name, pattern, Escape))
            : accounts.Where(account => EF.Functions.Like(account.Name, pattern, Escape));
    }

    private static AuditedAccount Audited(AccountRow row) =>
        new(row.Name, row.Status, row.RequestsPerMinute, row.TokensPerMinute, row.MaxConcurrent, SpendLimit.Of(row));

    private sealed record AuditedAccount(
        string Name, AccountStatus Status, long? RequestsPerMinute, long? TokensPerMinute, int? MaxConcurrent, SpendLimit? SpendLimit);
}
