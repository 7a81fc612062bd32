using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using MixGateway.Catalog;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>
/// Which currency the ledger is in. Amounts have none of their own, so the first gateway on a database notes it in the audit log, and one
/// with another <c>Billing:Currency</c> does not start: balances, prices and sums would be mixed.
/// </summary>
internal sealed class LedgerCurrency(IDbContextFactory<GatewayDbContext> databases, CatalogStore catalog, TimeProvider time) : IHostedLifecycleService
{
    public const string Setting = "Billing:Currency";

    /// <summary>There is one note, so its id is the same everywhere; by its time it is the oldest entry of the log.</summary>
    private static readonly Guid NoteId = new("00000000-0000-7000-8000-63757272656e");

    /// <summary>A replica that was seen before this is dead, by any clock that is nearly right.</summary>
    private static readonly TimeSpan Unseen = TimeSpan.FromSeconds(30);

    private string Mine => catalog.Current.Currency;

    /// <summary>After the migration, and before anything is served.</summary>
    /// <exception cref="DatabaseRefusedException">The ledger is in another currency, or a running gateway works with another one.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AgreeAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (DatabaseFault.IsDuplicate(exception))
        {
            // Another replica has written it first.
            await AgreeAsync(cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Once this replica can be seen by others: of two that started at once on an empty ledger, the earlier gives way.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (await FindMistakeAsync(cancellationToken) is { } mistake)
        {
            throw new DatabaseRefusedException(mistake);
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Looks, and writes nothing.</summary>
    /// <returns>Null if this gateway may work with the database.</returns>
    public async Task<string?> FindMistakeAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await MistakeAsync(database, await FindNoteAsync(database, cancellationToken), cancellationToken);
    }

    private async Task AgreeAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var note = await FindNoteAsync(database, cancellationToken);
        if (await MistakeAsync(database, note, cancellationToken) is { } mistake)
        {
            throw new DatabaseRefusedException(mistake);
        }

        if (note is null || CurrencyOf(note) != Mine)
        {
            await WriteAsync(database, note, cancellationToken);
        }
    }

    private async Task<string?> MistakeAsync(GatewayDbContext database, AuditEntryRow? note, CancellationToken cancellationToken)
    {
        var theirs = note is null ? await OfNewestRecordAsync(database, cancellationToken) : CurrencyOf(note);
        if (theirs is null || theirs == Mine)
        {
            return null;
        }

        if (await database.LedgerEntries.AnyAsync(cancellationToken))
        {
            return $"{Setting} is {Mine}, but the ledger of this database is in {theirs}. Set {Setting} to {theirs}, or use another database: balances are not converted.";
        }

        var since = time.GetUtcNow().UtcDateTime - Unseen;
        return await database.Replicas.AnyAsync(replica => replica.SeenAt > since, cancellationToken)
            ? $"{Setting} is {Mine}, but gateways that run on this database work with {theirs}. Give all of them the same {Setting}, or stop the others first."
            : null;
    }

    /// <summary>Of a database that is older than the note; an index makes it one read.</summary>
    private static async Task<string?> OfNewestRecordAsync(GatewayDbContext database, CancellationToken cancellationToken) =>
        await database.UsageRecords.OrderByDescending(static record => record.StartedAt).ThenByDescending(static record => record.RequestId)
            .Select(static record => record.Currency).FirstOrDefaultAsync(cancellationToken);

    private static async Task<AuditEntryRow?> FindNoteAsync(GatewayDbContext database, CancellationToken cancellationToken) =>
        await database.AuditEntries.AsNoTracking().SingleOrDefaultAsync(static entry => entry.Id == NoteId, cancellationToken);

    private async Task WriteAsync(GatewayDbContext database, AuditEntryRow? old, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (old is not null)
        {
            // Only while nothing was ever booked.
            await database.AuditEntries.Where(static entry => entry.Id == NoteId).ExecuteDeleteAsync(cancellationToken);
        }

        database.AuditEntries.Add(new AuditEntryRow
        {
            Id = NoteId,
            At = time.GetUtcNow().UtcDateTime,
            Actor = Actor.Gateway.Name,
            Action = AuditEntryRow.CurrencyAction,
            Target = Setting,
            Before = old?.After,
            After = JsonSerializer.Serialize(new Note(Mine), AdministrationJson.Options),
        });
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string? CurrencyOf(AuditEntryRow note) => note.After is { } json ? JsonSerializer.Deserialize<Note>(json, AdministrationJson.Options)?.Currency : null;

    private sealed record Note(string Currency);
}
