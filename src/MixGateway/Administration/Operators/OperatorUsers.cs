using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using MixGateway.Administration.SelfService;
using MixGateway.Administration.Users;
using MixGateway.Storage;

namespace MixGateway.Administration.Operators;

/// <summary>All users, for administrators. Nobody takes away their own rights, so that there always is an administrator.</summary>
internal sealed class OperatorUsers(
    AccessGuard guard, UserSessions sessions, UserAccounts accounts, IServiceScopeFactory scopes, IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    /// <summary>Newest first.</summary>
    /// <param name="email">A part of the address, small letters or capitals; null for all.</param>
    public Task<Outcome<Page<ManagedUser>>> ListAsync(Actor actor, string? email, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<Page<ManagedUser>>(actor, async () =>
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var users = database.Users.AsNoTracking();
            if (email is not null)
            {
                var part = email.ToUpperInvariant();
                users = users.Where(user => user.NormalizedEmail!.Contains(part));
            }

            if (page.After is { } after)
            {
                if (!after.TryGet(out Guid last))
                {
                    return Refusal.BadCursor();
                }

                users = users.Where(user => user.Id.CompareTo(last) < 0);
            }

            var rows = await users.OrderByDescending(user => user.Id).Take(page.Take).ToListAsync(cancellationToken);
            var now = time.Now();
            return Page.Of(rows, page, row => ManagedUser.Of(row, now), static row => Cursor.Of(row.Id));
        });

    public Task<Outcome<UserFile>> GetAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<UserFile>(actor, async () =>
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            return await database.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, cancellationToken) is { } row
                ? new UserFile(
                    ManagedUser.Of(row, time.Now()),
                    await accounts.ListAsync(id, cancellationToken),
                    await sessions.ListAsync(id, cancellationToken),
                    await database.Set<IdentityUserPasskey<Guid>>().CountAsync(passkey => passkey.UserId == id, cancellationToken))
                : Refusal.NotFound("user", id);
        });

    /// <summary>Ends all sessions; whoever has the password can sign in again.</summary>
    public Task<Outcome<ManagedUser>> SignOutAsync(Actor actor, Guid id) => ChangeAsync(actor, id, "user.sign-out", async (database, _) =>
    {
        await database.UserSessions.Where(session => session.UserId == id).ExecuteDeleteAsync();
        return null;
    });

    /// <summary>Lets a user try passwords again at once.</summary>
    public Task<Outcome<ManagedUser>> UnlockAsync(Actor actor, Guid id) => ChangeAsync(actor, id, "user.unlock", static (_, row) =>
    {
        (row.LockoutEnd, row.AccessFailedCount) = (null, 0);
        return Task.FromResult<Refusal?>(null);
    });

    /// <summary>A link that sets a new password, to be passed on by hand; it works once and for a day. What there was stays until it is used.</summary>
    public async Task<Outcome<ResetLink>> CreateResetLinkAsync(Actor actor, Guid id)
    {
        var outcome = await ChangeAsync(actor, id, "user.reset-link", static (_, _) => Task.FromResult<Refusal?>(null));
        if (outcome.IsRefused(out var refusal, out _))
        {
            return refusal;
        }

        await using var scope = scopes.CreateAsyncScope();
        var user = await scope.ServiceProvider.GetRequiredService<UserManager<UserRow>>().FindByIdAsync(id.ToString());
        return user is null ? Refusal.NotFound("user", id) : new ResetLink(await scope.ServiceProvider.GetRequiredService<PasswordReset>().PathAsync(user));
    }

    /// <summary>For who has lost the phone and the recovery codes. All sessions end.</summary>
    public Task<Outcome<ManagedUser>> TurnOffTwoFactorAsync(Actor actor, Guid id) => ChangeAsync(actor, id, "user.two-factor-off", async (database, row) =>
    {
        row.TwoFactorEnabled = false;
        row.SecurityStamp = RandomNumberGenerator.GetHexString(40);
        await database.Set<IdentityUserToken<Guid>>().Where(token => token.UserId == id && token.LoginProvider == UserSecrets.Provider).ExecuteDeleteAsync();
        await database.UserSessions.Where(session => session.UserId == id).ExecuteDeleteAsync();
        return null;
    });

    /// <summary>For who has lost the device, or where somebody else has added one.</summary>
    public Task<Outcome<ManagedUser>> RemovePasskeysAsync(Actor actor, Guid id) => ChangeAsync(actor, id, "user.passkeys-remove", async (database, _) =>
    {
        await database.Set<IdentityUserPasskey<Guid>>().Where(passkey => passkey.UserId == id).ExecuteDeleteAsync();
        return null;
    });

    public Task<Outcome<ManagedUser>> SetAdministratorAsync(Actor actor, Guid id, bool isAdministrator) =>
        ChangeOtherAsync(actor, id, "user.administrator", row => row.IsAdministrator = isAdministrator);

    /// <summary>A suspended user is signed out with the next request and cannot sign in; accounts and keys go on.</summary>
    public Task<Outcome<ManagedUser>> SetSuspendedAsync(Actor actor, Guid id, bool isSuspended) =>
        ChangeOtherAsync(actor, id, isSuspended ? "user.suspend" : "user.activate", row => row.SuspendedAt = isSuspended ? row.SuspendedAt ?? time.Now() : null);

    private Task<Outcome<ManagedUser>> ChangeOtherAsync(Actor actor, Guid id, string action, Action<UserRow> change) =>
        ChangeAsync(actor, id, action, (_, row) =>
        {
            if (actor.UserId == id)
            {
                return Task.FromResult<Refusal?>(Refusal.Conflict("Nobody can do this to themselves: ask another administrator."));
            }

            change(row);
            return Task.FromResult<Refusal?>(null);
        });

    private Task<Outcome<ManagedUser>> ChangeAsync(Actor actor, Guid id, string action, Func<GatewayDbContext, UserRow, Task<Refusal?>> change) =>
        guard.RunAsAdministratorAsync<ManagedUser>(actor, async () =>
        {
            await using var database = await databases.CreateDbContextAsync();
            await using var transaction = await database.BeginDurableAsync();
            if (database.Database.IsNpgsql())
            {
                // Of two administrators who dismiss each other at once, the second has to see that they no longer are one.
                await database.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE is_administrator OR id = {id} ORDER BY id FOR UPDATE");
            }

            if (actor is not Actor.Almighty && !await database.Users.AnyAsync(user => user.Id == actor.UserId && user.IsAdministrator && user.SuspendedAt == null))
            {
                return Refusal.Forbidden("Only administrators may do this.");
            }

            if (await database.Users.AsTracking().SingleOrDefaultAsync(user => user.Id == id) is not { } row)
            {
                return Refusal.NotFound("user", id);
            }

            var now = time.Now();
            var before = Audited(row);
            if (await change(database, row) is { } refusal)
            {
                return refusal;
            }

            database.AuditEntries.Add(AuditEntry.Of(actor, now, action, id, before, Audited(row)));
            await database.SaveChangesAsync();
            await transaction.CommitAsync();
            return ManagedUser.Of(row, now);
        });

    private static object Audited(UserRow row) => new { row.Email, row.IsAdministrator, row.SuspendedAt, row.TwoFactorEnabled, LockedUntil = row.LockoutEnd?.UtcDateTime };
}
