using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>What became of an attempt to sign in before it is judged.</summary>
internal enum SignInAttempt
{
    /// <summary>The user is locked out: nothing is looked at.</summary>
    Refused,

    Counted,

    /// <summary>Counted, and if it is wrong the user is locked out.</summary>
    Last,
}

/// <summary>
/// Counts what people try before it is judged: of passwords and codes that are sent at once, by whatever replicas, no more are looked at than one
/// after the other would be. The last one that is looked at locks the user, and being right unlocks again.
/// </summary>
internal sealed class SignInAttempts(IDbContextFactory<GatewayDbContext> databases, IOptions<IdentityOptions> options, TimeProvider time)
{
    private LockoutOptions Lockout => options.Value.Lockout;

    public async Task<SignInAttempt> TakeAsync(Guid userId)
    {
        var isLast = false;
        var isTaken = await ChangeAsync(userId, user => TryCount(user, out isLast));
        return (isTaken, isLast) switch
        {
            (false, _) => SignInAttempt.Refused,
            (true, true) => SignInAttempt.Last,
            _ => SignInAttempt.Counted,
        };
    }

    /// <summary>Takes back one attempt that was right, where more is asked for: what was wrong before still counts.</summary>
    public Task GiveBackAsync(Guid userId) => ChangeAsync(userId, static user =>
    {
        (user.AccessFailedCount, user.LockoutEnd) = (Math.Max(0, user.AccessFailedCount - 1), null);
        return true;
    });

    /// <summary>For who is let in.</summary>
    public Task ClearAsync(Guid userId) => ChangeAsync(userId, static user =>
    {
        (user.AccessFailedCount, user.LockoutEnd) = (0, null);
        return true;
    });

    private bool TryCount(UserRow user, out bool isLast)
    {
        var now = time.GetUtcNow();
        isLast = false;
        if (user.LockoutEnd > now)
        {
            return false;
        }

        // What was tried before a lockout that is over is forgotten.
        user.AccessFailedCount = user.AccessFailedCount >= Lockout.MaxFailedAccessAttempts ? 1 : user.AccessFailedCount + 1;
        isLast = user.AccessFailedCount >= Lockout.MaxFailedAccessAttempts;
        user.LockoutEnd = isLast ? now + Lockout.DefaultLockoutTimeSpan : null;
        return true;
    }

    private async Task<bool> ChangeAsync(Guid userId, Func<UserRow, bool> change)
    {
        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await database.BeginDurableAsync();
        if (database.Database.IsNpgsql())
        {
            // On SQLite there is only one writer anyway.
            await database.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE id = {userId} FOR UPDATE");
        }

        if (await database.Users.AsTracking().SingleOrDefaultAsync(user => user.Id == userId) is not { } row || !change(row))
        {
            return false;
        }

        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return true;
    }
}
