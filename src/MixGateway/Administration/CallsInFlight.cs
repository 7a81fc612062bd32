using Microsoft.EntityFrameworkCore;
using MixGateway.Forwarding;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>How a call is being stopped.</summary>
/// <param name="AtOnce">True if it ran here and was cut off; false if its gateway ends it at its next heartbeat.</param>
internal sealed record StoppedCall(bool AtOnce);

/// <summary>The calls that run on any replica, or wait for the database.</summary>
internal sealed class CallsInFlight(ShardStore shards, RunningCalls running, IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    private const string Silent = "The hot store does not answer, so the calls in flight are not known. Try again in a moment.";

    /// <summary>Newest first.</summary>
    /// <param name="accountId">Null for all accounts; one that does not exist has no calls.</param>
    public async Task<Outcome<Page<CallInFlight>>> ListAsync(Guid? accountId, PageRequest page)
    {
        var last = Guid.Empty;
        if (page.After is { } after && !after.TryGet(out last))
        {
            return Refusal.BadCursor();
        }

        if (await shards.ListAsync(accountId) is not { } stored)
        {
            return Refusal.Unavailable(Silent);
        }

        var rows = stored
            .Where(call => !call.IsDebit && (page.After is null || call.RequestId.CompareTo(last) < 0))
            .OrderByDescending(call => call.RequestId)
            .Take(page.Take)
            .ToList();
        return Page.Of(rows, page, CallInFlight.Of, static call => Cursor.Of(call.RequestId));
    }

    /// <summary>Ends a call wherever it runs; it is billed as if its caller had left. One that runs here ends also if the hot store does not answer.</summary>
    public async Task<Outcome<StoppedCall>> StopAsync(Actor actor, Guid requestId)
    {
        var found = await shards.FindAsync(requestId);
        var view = found.Value is { IsDebit: false } stored ? CallInFlight.Of(stored) : null;
        var stoppedHere = running.TryStop(requestId);
        if (!stoppedHere)
        {
            var answer = view is null ? found.Answer : await shards.StopAsync(found.Value!);
            if (answer is CallAnswer.Down)
            {
                return Refusal.Unavailable(Silent);
            }

            if (answer is not CallAnswer.Ok || view is null)
            {
                return Refusal.NotFound("running call", requestId);
            }
        }

        await RecordAsync(actor, requestId, view, stoppedHere);
        return new StoppedCall(stoppedHere);
    }

    /// <summary>After the act and not with it: a call that has to end must end also while the database is down.</summary>
    private async Task RecordAsync(Actor actor, Guid requestId, CallInFlight? before, bool atOnce)
    {
        await using var database = await databases.CreateDbContextAsync();
        database.AuditEntries.Add(AuditEntry.Of(actor, time.Now(), "call.stop", requestId, before, new { state = CallState.Stopping, atOnce }, before?.AccountId));
        await database.SaveChangesAsync();
    }
}
