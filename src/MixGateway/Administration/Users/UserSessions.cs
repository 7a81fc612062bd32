using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>One browser that a user is signed in with.</summary>
internal sealed record UserSession(Guid Id, DateTime CreatedAt, DateTime LastSeenAt, string? Address, string? UserAgent);

/// <summary>The browsers that users are signed in with. What is ended here is signed out with its next request.</summary>
internal sealed class UserSessions(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    /// <summary>After so long without a visit a browser is signed out.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    /// <summary>So long a password or passkey that was given again counts for changes of how to sign in.</summary>
    public static readonly TimeSpan ConfirmationLifetime = TimeSpan.FromMinutes(10);

    /// <summary>A visit is written down this often at most.</summary>
    private static readonly TimeSpan SeenPrecision = TimeSpan.FromMinutes(5);

    private const int MaxUserAgentLength = 300;

    /// <param name="isConfirmed">True if whoever signs in is not asked for a password or a passkey again for some minutes.</param>
    public async Task<Guid> StartAsync(Guid userId, string? address, string? userAgent, bool isConfirmed = false)
    {
        var now = time.Now();
        var session = new UserSessionRow
        {
            Id = AdministrationClock.NewId(now),
            UserId = userId,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + Lifetime,
            ConfirmedAt = isConfirmed ? now : null,
            Address = address,
            UserAgent = userAgent?.Length > MaxUserAgentLength ? userAgent[..MaxUserAgentLength] : userAgent,
        };
        await using var database = await databases.CreateDbContextAsync();
        await database.UserSessions.Where(old => old.UserId == userId && old.ExpiresAt <= now).ExecuteDeleteAsync();
        database.UserSessions.Add(session);
        await database.SaveChangesAsync();
        return session.Id;
    }

    /// <summary>Who a cookie stands for; null if it stands for nobody any more.</summary>
    /// <param name="stamp">The user's security stamp when the cookie was made: it changes with the password.</param>
    /// <param name="wanted">The account to look at, if the user may.</param>
    public async Task<SignedInUser?> ReadAsync(Guid sessionId, string? stamp, Guid? wanted, CancellationToken cancellationToken)
    {
        var now = time.Now();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await (
            from session in database.UserSessions
            join user in database.Users on session.UserId equals user.Id
            where session.Id == sessionId && session.ExpiresAt > now && user.SuspendedAt == null
            select new { session.LastSeenAt, session.ConfirmedAt, User = user }).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (found is null || !string.Equals(found.User.SecurityStamp, stamp, StringComparison.Ordinal))
        {
            return null;
        }

        if (now - found.LastSeenAt > SeenPrecision)
        {
            await database.UserSessions.Where(session => session.Id == sessionId).ExecuteUpdateAsync(
                session => session.SetProperty(row => row.LastSeenAt, now).SetProperty(row => row.ExpiresAt, now + Lifetime), cancellationToken);
        }

        var row = found.User;
        var account = await FindAccountAsync(database, row, wanted, cancellationToken);
        return new SignedInUser(row.Id, sessionId, row.Email ?? "", row.IsAdministrator, row.Language, row.Theme, account)
        {
            IsConfirmed = found.ConfirmedAt > now - ConfirmationLifetime,
        };
    }

    /// <summary>Last seen first.</summary>
    public async Task<IReadOnlyList<UserSession>> ListAsync(Guid userId, CancellationToken cancellationToken)
    {
        var now = time.Now();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.UserSessions.Where(session => session.UserId == userId && session.ExpiresAt > now)
            .OrderByDescending(session => session.LastSeenAt)
            .Select(session => new UserSession(session.Id, session.CreatedAt, session.LastSeenAt, session.Address, session.UserAgent))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Notes that the user has just given the password or a passkey again.</summary>
    public async Task ConfirmAsync(Guid sessionId)
    {
        var now = time.Now();
        await using var database = await databases.CreateDbContextAsync();
        await database.UserSessions.Where(session => session.Id == sessionId).ExecuteUpdateAsync(session => session.SetProperty(row => row.ConfirmedAt, now));
    }

    /// <summary>Ends a session of a user; those of others stay.</summary>
    public async Task EndAsync(Guid userId, Guid sessionId)
    {
        await using var database = await databases.CreateDbContextAsync();
        await database.UserSessions.Where(session => session.Id == sessionId && session.UserId == userId).ExecuteDeleteAsync();
    }

    /// <summary>Ends all sessions of a user but one.</summary>
    public async Task EndOthersAsync(Guid userId, Guid? kept)
    {
        await using var database = await databases.CreateDbContextAsync();
        await database.UserSessions.Where(session => session.UserId == userId && session.Id != kept).ExecuteDeleteAsync();
    }

    private static async Task<CurrentAccount?> FindAccountAsync(GatewayDbContext database, UserRow user, Guid? wanted, CancellationToken cancellationToken)
    {
        var own = await (
            from membership in database.Memberships
            join account in database.Accounts on membership.AccountId equals account.Id
            where membership.UserId == user.Id
            orderby membership.AccountId == wanted descending, membership.CreatedAt
            select new CurrentAccount(account.Id, account.Name, membership.Role)).FirstOrDefaultAsync(cancellationToken);
        if (user.IsAdministrator && wanted is not null && own?.Id != wanted)
        {
            // An administrator may look at any account, as its owner sees it.
            return await database.Accounts.Where(account => account.Id == wanted)
                .Select(account => new CurrentAccount(account.Id, account.Name, AccountRole.Owner)).SingleOrDefaultAsync(cancellationToken) ?? own;
        }

        return own;
    }
}
