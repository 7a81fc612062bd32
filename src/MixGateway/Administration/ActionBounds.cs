using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Lets things happen only so often, over all replicas: mails to an address, invitations of an account.</summary>
internal sealed class ActionBounds(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    /// <summary>No window is longer, so what is older says nothing any more.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    /// <summary>Counts one more, unless there were enough within a window that ends now.</summary>
    /// <param name="kind">What happens.</param>
    /// <param name="subject">To whom; those of one do not count for others.</param>
    /// <param name="most">How many there may be in the window.</param>
    /// <param name="window">At most a day.</param>
    /// <returns>How long to wait if there were enough; null if this one was counted.</returns>
    public async Task<TimeSpan?> TakeAsync(string kind, string subject, int most, TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, LongestWindow);
        var now = time.Now();
        var (since, old) = (now - window, now - LongestWindow);
        await using var database = await databases.CreateDbContextAsync();
        await database.BoundedActions.Where(action => action.At <= old).ExecuteDeleteAsync();
        await using var transaction = await database.BeginDurableAsync();
        if (database.Database.IsNpgsql())
        {
            // Of many at once only so many get through; on SQLite there is only one writer anyway.
            await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({kind + "/" + subject}, 0))");
        }

        var recent = await database.BoundedActions.Where(action => action.Kind == kind && action.Subject == subject && action.At > since)
            .OrderByDescending(action => action.At).Take(most).Select(action => action.At).ToListAsync();
        if (recent.Count >= most)
        {
            return recent[^1] + window - now;
        }

        database.BoundedActions.Add(new BoundedActionRow { Id = AdministrationClock.NewId(now), Kind = kind, Subject = subject, At = now });
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return null;
    }
}
