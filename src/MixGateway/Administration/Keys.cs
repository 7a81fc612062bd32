using Microsoft.EntityFrameworkCore;
using MixGateway.Authentication;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Keys: what callers show, and what they may do with it.</summary>
internal sealed class Keys(IDbContextFactory<GatewayDbContext> databases, AccountTransaction transaction, TimeProvider time)
{
    /// <param name="most">Active keys that the account may have; null is no bound.</param>
    public async Task<Outcome<CreatedKey>> CreateAsync(Actor actor, Guid accountId, KeyPolicy policy, int? most = null)
    {
        if (Check(policy, isNew: true) is { } refusal)
        {
            return refusal;
        }

        return await transaction.RunAsync<CreatedKey>(actor, accountId, async edit =>
            most is { } bound && await KeyBound.RefuseAsync(edit, bound) is { } tooMany ? tooMany : Create(edit, policy));
    }

    /// <summary>Makes a key that may do what another may, and lets the other one end.</summary>
    /// <param name="overlap">How long the other one is still taken; it is revoked now if that is not above zero.</param>
    /// <param name="most">As for a new key.</param>
    public async Task<Outcome<CreatedKey>> RotateAsync(Actor actor, Guid id, TimeSpan overlap, int? most = null)
    {
        if (await FindAccountAsync(id) is not { } accountId)
        {
            return Refusal.NotFound("key", id);
        }

        return await transaction.RunAsync<CreatedKey>(actor, accountId, async edit =>
        {
            var old = await edit.Database.ApiKeys.AsTracking().SingleAsync(key => key.Id == id);
            if (old.Status == ApiKeyStatus.Revoked)
            {
                return Refusal.Conflict("The key is revoked for good and cannot be rotated. Create another one.");
            }

            // The old key ends, so the new one does not count as one more.
            if (most is { } bound && await KeyBound.RefuseAsync(edit, bound + 1) is { } tooMany)
            {
                return tooMany;
            }

            var created = Create(edit, PolicyOf(old));
            End(edit, old, overlap);
            return created;
        });
    }

    /// <summary>Newest first, revoked ones too.</summary>
    /// <param name="status">Only keys with this status; null for all.</param>
    public async Task<Outcome<Page<Key>>> ListAsync(Guid accountId, PageRequest page, CancellationToken cancellationToken, KeyStatus? status = null)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!await database.Accounts.AnyAsync(account => account.Id == accountId, cancellationToken))
        {
            return Refusal.NotFound("account", accountId);
        }

        var now = time.Now();
        var keys = Filter(database.ApiKeys.AsNoTracking().Where(key => key.AccountId == accountId), status, now);
        if (page.After is { } after)
        {
            if (!after.TryGet(out Guid last))
            {
                return Refusal.BadCursor();
            }

            keys = keys.Where(key => key.Id.CompareTo(last) < 0);
        }

        var rows = await keys.OrderByDescending(key => key.Id).Take(page.Take).ToListAsync(cancellationToken);
        return Page.Of(rows, page, row => Key.Of(row, now), static row => Cursor.Of(row.Id));
    }

    public async Task<Outcome<Key>> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == id, cancellationToken);
        return row is null ? Refusal.NotFound("key", id) : Key.Of(row, time.Now());
    }

    public async Task<Outcome<Key>> ChangeAsync(Actor actor, Guid id, KeyPolicy changes)
    {
        if (Check(changes, isNew: false) is { } refusal)
        {
            return refusal;
        }

        return await RunAsync(actor, id, (edit, row) =>
        {
            if (row.Status == ApiKeyStatus.Revoked)
            {
                return Refusal.Conflict("The key is revoked for good and cannot be changed. Create another one.");
            }

            var before = Key.Of(row, edit.Now);
            Apply(changes, row);
            return Changed(edit, row, "key.change", before);
        });
    }

    /// <summary>For good; a key that is revoked already stays as it is.</summary>
    public Task<Outcome<Key>> RevokeAsync(Actor actor, Guid id) => RunAsync(actor, id, static (edit, row) =>
    {
        var before = Key.Of(row, edit.Now);
        return row.Status == ApiKeyStatus.Revoked ? before : Revoke(edit, row, before);
    });

    private static CreatedKey Create(AccountEdit edit, KeyPolicy policy)
    {
        var secret = ApiKey.Create();
        var row = new ApiKeyRow
        {
            Id = AdministrationClock.NewId(edit.Now),
            AccountId = edit.Account.Id,
            Name = policy.Name.Value!,
            Sha256 = ApiKey.Hash(secret).ToArray(),
            Prefix = ApiKey.Display(secret),
            Status = ApiKeyStatus.Active,
            CreatedAt = edit.Now,
        };
        Apply(policy, row);
        edit.Database.ApiKeys.Add(row);
        edit.KeyChanged(row);
        var key = Key.Of(row, edit.Now);
        edit.Record("key.create", row.Id, null, key);
        return new CreatedKey(key, secret);
    }

    private static Key Revoke(AccountEdit edit, ApiKeyRow row, Key before)
    {
        row.Status = ApiKeyStatus.Revoked;
        row.RevokedAt = edit.Now;
        return Changed(edit, row, "key.revoke", before);
    }

    /// <summary>A key that would end earlier by itself keeps its own end.</summary>
    private static void End(AccountEdit edit, ApiKeyRow row, TimeSpan overlap)
    {
        var before = Key.Of(row, edit.Now);
        if (overlap <= TimeSpan.Zero)
        {
            Revoke(edit, row, before);
            return;
        }

        var end = (edit.Now + overlap).WholeMilliseconds();
        row.ExpiresAt = row.ExpiresAt < end ? row.ExpiresAt : end;
        Changed(edit, row, "key.change", before);
    }

    private static KeyPolicy PolicyOf(ApiKeyRow row) => new(
        row.Name,
        row.ExpiresAt,
        row.AllowedModels,
        new LimitChanges(row.RequestsPerMinute, row.TokensPerMinute, row.MaxConcurrent, SpendLimit.Of(row)),
        row.AllowedAddresses);

    private async Task<Outcome<Key>> RunAsync(Actor actor, Guid id, Func<AccountEdit, ApiKeyRow, Outcome<Key>> change)
    {
        if (await FindAccountAsync(id) is not { } accountId)
        {
            return Refusal.NotFound("key", id);
        }

        return await transaction.RunAsync<Key>(actor, accountId, async edit =>
            change(edit, await edit.Database.ApiKeys.AsTracking().SingleAsync(key => key.Id == id)));
    }

    /// <summary>A key never moves to another account, and is never deleted, so this needs no lock.</summary>
    private async Task<Guid?> FindAccountAsync(Guid id)
    {
        await using var database = await databases.CreateDbContextAsync();
        return await database.ApiKeys.Where(key => key.Id == id).Select(key => (Guid?)key.AccountId).SingleOrDefaultAsync();
    }

    private static IQueryable<ApiKeyRow> Filter(IQueryable<ApiKeyRow> keys, KeyStatus? status, DateTime now) => status switch
    {
        KeyStatus.Revoked => keys.Where(key => key.Status == ApiKeyStatus.Revoked),
        KeyStatus.Expired => keys.Where(key => key.Status == ApiKeyStatus.Active && key.ExpiresAt <= now),
        KeyStatus.Active => keys.Where(key => key.Status == ApiKeyStatus.Active && (key.ExpiresAt == null || key.ExpiresAt > now)),
        _ => keys,
    };

    private static Key Changed(AccountEdit edit, ApiKeyRow row, string action, Key before)
    {
        var after = Key.Of(row, edit.Now);
        if (edit.Database.Entry(row).State == EntityState.Modified)
        {
            edit.KeyChanged(row);
            edit.Record(action, row.Id, before, after);
        }

        return after;
    }

    private Refusal? Check(KeyPolicy policy, bool isNew)
    {
        var errors = new FieldErrors();
        policy.Check(errors, isNew, time.Now());
        return errors.Any ? Refusal.Invalid(errors) : null;
    }

    private static void Apply(KeyPolicy policy, ApiKeyRow row)
    {
        row.Name = policy.Name.Or(row.Name)!;
        row.ExpiresAt = policy.ExpiresAt.Or(row.ExpiresAt)?.WholeMilliseconds();
        policy.Limits.Apply(row);
        if (policy.Models.IsSet)
        {
            row.AllowedModels = policy.Models.Value?.Distinct(StringComparer.Ordinal).ToList();
        }

        if (policy.AllowedAddresses.IsSet)
        {
            row.AllowedAddresses = policy.AllowedAddresses.Value?.Select(Canonical).Distinct(StringComparer.Ordinal).ToList();
        }
    }

    private static string Canonical(string address) =>
        AllowedAddress.TryParse(address, out var canonical) ? canonical : throw new FormatException($"{address} was not checked.");
}
