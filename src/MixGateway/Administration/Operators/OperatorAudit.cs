using MixGateway.Administration.SelfService;

namespace MixGateway.Administration.Operators;

/// <summary>An entry of the audit log with the name of who did it.</summary>
/// <param name="ActorName">A user's e-mail address, or what the log has.</param>
internal sealed record NamedAuditEntry(AuditLogEntry Entry, string ActorName);

/// <summary>The audit log, for administrators.</summary>
internal sealed class OperatorAudit(AccessGuard guard, AuditLog log, DisplayNames names)
{
    /// <summary>Newest first.</summary>
    /// <param name="filter">A user may be given by e-mail address.</param>
    public Task<Outcome<Page<NamedAuditEntry>>> ListAsync(Actor actor, AuditFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<Page<NamedAuditEntry>>(actor, async () =>
        {
            if (filter.Actor?.Contains('@', StringComparison.Ordinal) == true)
            {
                // The log has users by their ids.
                filter = filter with { Actor = await names.FindActorAsync(filter.Actor, cancellationToken) ?? filter.Actor };
            }

            var outcome = await log.ListAsync(filter, page, cancellationToken);
            if (outcome.IsRefused(out var refusal, out var found))
            {
                return refusal;
            }

            var actors = await names.OfActorsAsync(found.Data.Select(static entry => entry.Actor), cancellationToken);
            return new Page<NamedAuditEntry>([.. found.Data.Select(entry => new NamedAuditEntry(entry, actors.GetValueOrDefault(entry.Actor, entry.Actor)))], found.NextCursor);
        });
}
