using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>
/// Where a debit stands, in the database. The account's lock orders who books a debit and who gives it up: whoever is second finds
/// what the first one left, a ledger entry or an entry in the audit log, either with the debit's id.
/// </summary>
internal sealed class DebitBooks(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    private const string Action = "account.debit.abandon";

    /// <summary>Asked by who books a debit, in the transaction that has locked the account.</summary>
    public static Task<bool> IsGivenUpAsync(GatewayDbContext database, Guid debitId) => database.AuditEntries.AnyAsync(entry => entry.Id == debitId);

    /// <summary>For a debit whose owner is silent: what was charged if it is booked; otherwise it is made impossible, and nothing was.</summary>
    /// <returns>Null if the database does not answer.</returns>
    public async Task<SweptBooking?> ResolveAsync(StoredCall debit, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
            if (await database.LockAccountAsync(debit.AccountId, cancellationToken) is not { } account)
            {
                return new SweptBooking(Money.Zero, 0, Money.Zero);
            }

            var charged = await FindAsync(database, debit, cancellationToken);
            if (charged is null && !await IsGivenUpAsync(database, debit.RequestId))
            {
                database.AuditEntries.Add(GiveUp(debit));
                await database.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }

            return new SweptBooking(new Money(account.Balance), account.Version, charged ?? Money.Zero);
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            return null;
        }
    }

    private static async Task<Money?> FindAsync(GatewayDbContext database, StoredCall debit, CancellationToken cancellationToken)
    {
        var amount = await database.LedgerEntries
            .Where(entry => entry.Id == debit.RequestId && entry.Kind == LedgerKind.Adjustment)
            .Select(entry => (long?)entry.Amount)
            .SingleOrDefaultAsync(cancellationToken);
        return amount is { } nanos ? new Money(-nanos) : null;
    }

    private AuditEntryRow GiveUp(StoredCall debit) => new()
    {
        Id = debit.RequestId,
        At = time.GetUtcNow().UtcDateTime,
        Actor = "gateway",
        Action = Action,
        Target = debit.AccountId.ToString(),
        Before = null,
        After = JsonSerializer.Serialize(new { amount = debit.Hold.ToString() }),
    };
}
