using Microsoft.EntityFrameworkCore;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Until when an account's calls are logged in detail; null if they are not.</summary>
internal sealed record DebugWindow(DateTime? Until);

/// <summary>Switches the detailed log of an account's calls on for some minutes, on every replica.</summary>
internal sealed class AccountDebugging(IDbContextFactory<GatewayDbContext> databases, DebugAccounts debugged, TimeProvider time)
{
    public const int MaxMinutes = 60;

    /// <param name="minutes">From now; 0 switches it off.</param>
    public async Task<Outcome<DebugWindow>> SetAsync(Actor actor, Guid accountId, long? minutes)
    {
        var errors = new FieldErrors();
        if (minutes is null or < 0 or > MaxMinutes)
        {
            errors.Add("minutes", $"Has to be a whole number from 0 to {MaxMinutes}; 0 switches it off.");
            return Refusal.Invalid(errors);
        }

        await using var database = await databases.CreateDbContextAsync();
        if (!await database.Accounts.AnyAsync(account => account.Id == accountId))
        {
            return Refusal.NotFound("account", accountId);
        }

        var now = time.Now();
        var window = new DebugWindow(minutes == 0 ? null : now.AddMinutes(minutes.Value));

        // The entry first: what was logged is to have somebody who asked for it, also if this process ends in between.
        await using var transaction = await database.BeginDurableAsync();
        database.AuditEntries.Add(AuditEntry.Of(actor, now, "account.debug", accountId, null, window, accountId));
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return await debugged.SetAsync(accountId, new DateTimeOffset(window.Until ?? now, TimeSpan.Zero))
            ? window
            : Refusal.Unavailable("The hot store does not answer, so the other replicas cannot be told. Try again in a moment.");
    }
}
