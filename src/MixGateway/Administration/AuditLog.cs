using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>A change as it is shown: who did what to what.</summary>
/// <param name="Actor"><c>admin-token</c>, <c>token:</c> and the name of a token, or a user's id.</param>
/// <param name="Action">Such as <c>key.revoke</c>.</param>
/// <param name="Subject">The id of what was changed, or the name of a batch of codes.</param>
/// <param name="AccountId">The account that it belongs to; null where it is none's.</param>
/// <param name="Before">What it was; null where there was nothing.</param>
/// <param name="After">What it is since; null where nothing is left.</param>
internal sealed record AuditLogEntry(
    Guid Id, DateTime At, string Actor, string Action, string Subject, Guid? AccountId, JsonElement? Before, JsonElement? After)
{
    public static AuditLogEntry Of(AuditEntryRow row) =>
        new(row.Id, row.At, row.Actor, row.Action, row.Target, row.AccountId, Json(row.Before), Json(row.After));

    private static JsonElement? Json(string? text) => text is null ? null : JsonSerializer.Deserialize<JsonElement>(text);
}

/// <summary>Which entries to list; null is no filter.</summary>
/// <param name="Period">Of the change.</param>
internal sealed record AuditFilter(string? Actor, string? Action, string? Subject, Guid? AccountId, UsagePeriod Period);

/// <summary>Reads the audit log.</summary>
internal sealed class AuditLog(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Newest first.</summary>
    public async Task<Outcome<Page<AuditLogEntry>>> ListAsync(AuditFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        filter.Period.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var entries = Filter(database.AuditEntries.AsNoTracking(), filter);
        if (page.After is { } after)
        {
            if (!after.TryGet(out Guid last))
            {
                return Refusal.BadCursor();
            }

            entries = entries.Where(entry => entry.Id.CompareTo(last) < 0);
        }

        var rows = await entries.OrderByDescending(entry => entry.Id).Take(page.Take).ToListAsync(cancellationToken);
        return Page.Of(rows, page, AuditLogEntry.Of, static row => Cursor.Of(row.Id));
    }

    private static IQueryable<AuditEntryRow> Filter(IQueryable<AuditEntryRow> entries, AuditFilter filter)
    {
        if (filter.Actor is { } actor)
        {
            entries = entries.Where(entry => entry.Actor == actor);
        }

        if (filter.Action is { } action)
        {
            entries = entries.Where(entry => entry.Action == action);
        }

        if (filter.Subject is { } subject)
        {
            entries = entries.Where(entry => entry.Target == subject);
        }

        if (filter.AccountId is { } accountId)
        {
            entries = entries.Where(entry => entry.AccountId == accountId);
        }

        if (filter.Period.From is { } from)
        {
            entries = entries.Where(entry => entry.At >= from);
        }

        return filter.Period.To is { } to ? entries.Where(entry => entry.At < to) : entries;
    }
}
