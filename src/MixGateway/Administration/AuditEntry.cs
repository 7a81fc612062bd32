using System.Text.Json;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Words an entry of the audit log.</summary>
internal static class AuditEntry
{
    public static AuditEntryRow Of(Actor actor, DateTime now, string action, Guid target, object? before, object? after) => new()
    {
        Id = AdministrationClock.NewId(now),
        At = now,
        Actor = actor.Name,
        Action = action,
        Target = target.ToString(),
        Before = Json(before),
        After = Json(after),
    };

    private static string? Json(object? value) => value is null ? null : JsonSerializer.Serialize(value, AdministrationJson.Options);
}
