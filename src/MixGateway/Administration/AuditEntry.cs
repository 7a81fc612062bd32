using System.Text.Json;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Words an entry of the audit log.</summary>
internal static class AuditEntry
{
    /// <param name="before">What changes, before; null if there was nothing. Never holds a secret.</param>
    /// <param name="accountId">The account that it is done to or in, if it is one.</param>
    public static AuditEntryRow Of(Actor actor, DateTime now, string action, Guid target, object? before, object? after, Guid? accountId = null) =>
        Of(actor, now, action, target.ToString(), before, after, accountId);

    /// <inheritdoc cref="Of(Actor, DateTime, string, Guid, object?, object?, Guid?)"/>
    public static AuditEntryRow Of(Actor actor, DateTime now, string action, string target, object? before, object? after, Guid? accountId = null) => new()
    {
        Id = AdministrationClock.NewId(now),
        At = now,
        Actor = actor.Name,
        Action = action,
        Target = target,
        AccountId = accountId,
        Before = Json(before),
        After = Json(after),
    };

    private static string? Json(object? value) => value is null ? null : JsonSerializer.Serialize(value, AdministrationJson.Options);
}
