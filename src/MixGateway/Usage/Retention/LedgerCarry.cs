using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Usage.Retention;

/// <summary>
/// Carries old charges forward: the entries of calls that follow one another in an account's ledger become one entry with their sum, in
/// the place of the last of them. So the ledger still adds up to the balance, each entry still leads from the balance before it to the one
/// after it, and whatever is not the charge of a call keeps its entry, with its idempotency key.
/// </summary>
internal sealed partial class LedgerCarry(IDbContextFactory<GatewayDbContext> databases, TimeProvider time, ILogger<LedgerCarry> logger)
{
    private const int Accounts = 500;

    /// <summary>As many entries as one transaction takes away.</summary>
    private readonly int _batch = 2000;

    /// <param name="batch">Small in tests.</param>
    internal LedgerCarry(IDbContextFactory<GatewayDbContext> databases, TimeProvider time, ILogger<LedgerCarry> logger, int batch)
        : this(databases, time, logger) => _batch = batch;

    /// <summary>Carries forward what was booked before the time, in every account. Nothing is read where that was done already.</summary>
    public async Task CarryAsync(DateTime before, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.ReadMarkAsync(RetentionMarkRow.Ledger, cancellationToken) >= before)
        {
            return;
        }

        var carried = 0L;
        var after = Guid.Empty;
        while (await NextAsync(database, after, cancellationToken) is { Count: > 0 } accounts)
        {
            foreach (var account in accounts)
            {
                carried += await CarryAsync(account, before, cancellationToken);
            }

            after = accounts[^1];
        }

        await database.AdvanceMarkAsync(RetentionMarkRow.Ledger, before, cancellationToken);
        Log.Carried(logger, carried, before);
    }

    private static Task<List<Guid>> NextAsync(GatewayDbContext database, Guid after, CancellationToken cancellationToken) =>
        database.Accounts.Where(account => account.Id.CompareTo(after) > 0).OrderBy(account => account.Id).Select(account => account.Id).Take(Accounts)
            .ToListAsync(cancellationToken);

    /// <summary>From the account's first entry on, until one that is too young. What a batch ends with is the beginning of the next, so that both become one entry.</summary>
    private async Task<long> CarryAsync(Guid accountId, DateTime before, CancellationToken cancellationToken)
    {
        var carried = 0L;
        for (long? from = long.MinValue; from is { } first;)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var entries = await database.LedgerEntries.AsNoTracking().Where(entry => entry.AccountId == accountId && entry.Sequence >= first)
                .OrderBy(entry => entry.Sequence).Take(_batch).ToListAsync(cancellationToken);
            var old = entries.TakeWhile(entry => entry.CreatedAt < before).ToList();
            foreach (var run in RunsOf(old))
            {
                carried += await FoldAsync(run, cancellationToken);
            }

            from = old.Count == _batch ? old[^1].Sequence : null;
        }

        return carried;
    }

    /// <summary>Charges that follow one another, wherever one of them is still the entry of a call.</summary>
    private static IEnumerable<List<LedgerEntryRow>> RunsOf(List<LedgerEntryRow> entries)
    {
        List<LedgerEntryRow> run = [];
        foreach (var entry in entries)
        {
            if (entry.Kind is LedgerKind.Usage or LedgerKind.Carried)
            {
                run.Add(entry);
            }
            else if (run.Count > 0)
            {
                yield return run;
                run = [];
            }
        }

        if (run.Count > 0)
        {
            yield return run;
        }
    }

    /// <returns>How many entries are carried by another one now; none if another replica was faster.</returns>
    private async Task<int> FoldAsync(List<LedgerEntryRow> run, CancellationToken cancellationToken)
    {
        if (run is [{ Kind: LedgerKind.Carried }])
        {
            return 0;
        }

        var (first, last) = (run[0], run[^1]);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.BeginDurableAsync();
        var removed = await database.LedgerEntries
            .Where(entry => entry.AccountId == last.AccountId && entry.Sequence >= first.Sequence && entry.Sequence <= last.Sequence)
            .Where(entry => entry.Kind == LedgerKind.Usage || entry.Kind == LedgerKind.Carried)
            .ExecuteDeleteAsync(cancellationToken);
        if (removed != run.Count)
        {
            return 0;
        }

        database.LedgerEntries.Add(new LedgerEntryRow
        {
            AccountId = last.AccountId,
            Sequence = last.Sequence,
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            Kind = LedgerKind.Carried,
            Amount = run.Aggregate(0L, static (sum, entry) => checked(sum + entry.Amount)),
            BalanceAfter = last.BalanceAfter,
            CreatedAt = last.CreatedAt,
        });
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return removed;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Carried {Entries} ledger entries from before {Before:u} forward", EventName = "LedgerCarried")]
        public static partial void Carried(ILogger logger, long entries, DateTime before);
    }
}
