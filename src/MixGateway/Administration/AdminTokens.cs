using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>
/// Tokens of the management API. Nobody gets more by them than they have: no scope that the maker lacks, no life beyond the maker's own, and no longer life for a token that may do more.
/// </summary>
internal sealed class AdminTokens(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    public async Task<Outcome<CreatedAdminToken>> CreateAsync(Administrator by, AdminTokenChanges policy)
    {
        var now = time.Now();
        if (Check(policy, isNew: true, now) is { } invalid)
        {
            return invalid;
        }

        var secret = AdminToken.NewSecret();
        var row = new AdminTokenRow
        {
            Id = AdministrationClock.NewId(now),
            Name = "",
            Sha256 = AdminToken.Hash(secret),
            Prefix = $"{secret[..8]}…{secret[^4..]}",
            Scopes = [],
            CreatedAt = now,
            CreatedBy = by.Actor.Name,
        };
        policy.Apply(row);
        if (RefuseBeyond(by, row, []) is { } refusal)
        {
            return refusal;
        }

        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await BeginAsync(database);
        if (await RefuseTakenAsync(database, row) is { } taken)
        {
            return taken;
        }

        database.AdminTokens.Add(row);
        database.AuditEntries.Add(AuditEntry.Of(by.Actor, now, "token.create", row.Id, null, Audited(row)));
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return new CreatedAdminToken(AdminToken.Of(row, now), secret);
    }

    /// <summary>Newest first, revoked ones too.</summary>
    public async Task<Outcome<Page<AdminToken>>> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var tokens = database.AdminTokens.AsNoTracking();
        if (page.After is { } after)
        {
            if (!after.TryGet(out Guid last))
            {
                return Refusal.BadCursor();
            }

            tokens = tokens.Where(token => token.Id.CompareTo(last) < 0);
        }

        var rows = await tokens.OrderByDescending(token => token.Id).Take(page.Take).ToListAsync(cancellationToken);
        var now = time.Now();
        return Page.Of(rows, page, row => AdminToken.Of(row, now), static row => Cursor.Of(row.Id));
    }

    public async Task<Outcome<AdminToken>> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.AdminTokens.AsNoTracking().SingleOrDefaultAsync(token => token.Id == id, cancellationToken);
        return row is null ? Refusal.NotFound("token", id) : AdminToken.Of(row, time.Now());
    }

    public async Task<Outcome<AdminToken>> ChangeAsync(Administrator by, Guid id, AdminTokenChanges changes)
    {
        if (Check(changes, isNew: false, time.Now()) is { } invalid)
        {
            return invalid;
        }

        return await RunAsync(by, id, "token.change", async (database, row) =>
        {
            if (row.RevokedAt is not null)
            {
                return Refusal.Conflict("The token is revoked for good and cannot be changed. Create another one.");
            }

            var before = (row.Scopes, row.ExpiresAt);
            changes.Apply(row);

            // A longer life is worth all that the token may do, most of all to one that has ended.
            return RefuseBeyond(by, row, IsLonger(row.ExpiresAt, before.ExpiresAt) ? [] : before.Scopes) ?? await RefuseTakenAsync(database, row);
        });
    }

    /// <summary>For good and at once; a token that is revoked already stays as it is.</summary>
    public Task<Outcome<AdminToken>> RevokeAsync(Administrator by, Guid id) => RunAsync(by, id, "token.revoke", (_, row) =>
    {
        row.RevokedAt ??= time.Now();
        return Task.FromResult<Refusal?>(null);
    });

    private async Task<Outcome<AdminToken>> RunAsync(Administrator by, Guid id, string action, Func<GatewayDbContext, AdminTokenRow, Task<Refusal?>> change)
    {
        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await BeginAsync(database);
        if (await database.AdminTokens.AsTracking().SingleOrDefaultAsync(token => token.Id == id) is not { } row)
        {
            return Refusal.NotFound("token", id);
        }

        var before = Audited(row);
        if (await change(database, row) is { } refusal)
        {
            return refusal;
        }

        var now = time.Now();
        if (database.Entry(row).State == EntityState.Modified)
        {
            database.AuditEntries.Add(AuditEntry.Of(by.Actor, now, action, id, before, Audited(row)));
            await database.SaveChangesAsync();
            await transaction.CommitAsync();
        }

        return AdminToken.Of(row, now);
    }

    /// <summary>Changes follow one another, in this process and in others: rare as they are, the whole table is locked against other changes.</summary>
    private static async Task<IDbContextTransaction> BeginAsync(GatewayDbContext database)
    {
        var transaction = await database.BeginDurableAsync();
        if (database.Database.IsNpgsql())
        {
            await database.Database.ExecuteSqlAsync($"LOCK TABLE admin_tokens IN SHARE ROW EXCLUSIVE MODE");
        }

        return transaction;
    }

    private static Refusal? Check(AdminTokenChanges policy, bool isNew, DateTime now)
    {
        var errors = new FieldErrors();
        policy.Check(errors, isNew, now);
        return errors.Any ? Refusal.Invalid(errors) : null;
    }

    private static bool IsLonger(DateTime? end, DateTime? before) => before is not null && (end is null || end > before);

    /// <param name="before">Scopes that the token has without this maker; none if the change makes a new token of it.</param>
    private static Refusal? RefuseBeyond(Administrator by, AdminTokenRow row, IEnumerable<string> before)
    {
        if (row.Scopes.Except(before, StringComparer.Ordinal).FirstOrDefault(scope => !by.May(scope)) is { } missing)
        {
            return Refusal.Forbidden($"You lack the scope {missing}: a token can be given, or kept alive with, only the scopes that you have.", missing);
        }

        return by.ExpiresAt is { } end && (row.ExpiresAt is null || row.ExpiresAt > end)
            ? Refusal.Forbidden("A token cannot outlive the one that makes or changes it: set expiresAt to its end or earlier.")
            : null;
    }

    private static async Task<Refusal?> RefuseTakenAsync(GatewayDbContext database, AdminTokenRow row) =>
        await database.AdminTokens.AnyAsync(other => other.Name == row.Name && other.Id != row.Id)
            ? Refusal.Conflict("Another token has this name, maybe a revoked one. The audit log needs names that stand for one token only.")
            : null;

    private static object Audited(AdminTokenRow row) => new { row.Name, row.Prefix, row.Scopes, row.ExpiresAt, row.RevokedAt };
}
