using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Payments before the money comes in, and the list of them.</summary>
internal sealed class PaymentBooks(IDbContextFactory<GatewayDbContext> databases, AccountTransaction transaction, TimeProvider time)
{
    /// <summary>Unfinished payments that an account may begin in <see cref="Window"/>: more is no payer.</summary>
    public const int MaxUnfinished = 20;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Notes a payment before the payer is sent to the provider.</summary>
    public Task<Outcome<Payment>> CreateAsync(Actor actor, Guid accountId, NewPayment payment) =>
        transaction.RunAsync<Payment>(actor, accountId, async edit =>
        {
            var since = edit.Now - Window;
            var unfinished = await edit.Database.Payments.CountAsync(
                row => row.AccountId == accountId && row.Status == PaymentStatus.Created && row.CreatedAt > since);
            if (unfinished >= MaxUnfinished)
            {
                return Refusal.Conflict($"{MaxUnfinished} payments of this account are unfinished. Finish one, or try again in an hour.");
            }

            var row = new PaymentRow
            {
                Id = AdministrationClock.NewId(time.GetUtcNow().UtcDateTime),
                AccountId = accountId,
                UserId = payment.UserId,
                Provider = payment.Provider,
                Status = PaymentStatus.Created,
                Amount = payment.Amount.Nanos,
                Price = payment.Price.Nanos,
                PriceCurrency = payment.PriceCurrency,
                CreatedAt = edit.Now,
            };
            edit.Database.Payments.Add(row);
            edit.Record("payment.create", row.Id, null, new { AccountId = accountId, payment.Provider, payment.Amount, payment.Price, payment.PriceCurrency });
            return Payment.Of(row);
        });

    /// <summary>Keeps the provider's id of a payment, unless a notification brought one before.</summary>
    public async Task AttachAsync(Guid paymentId, string providerId)
    {
        await using var database = await databases.CreateDbContextAsync();
        await database.Payments
            .Where(payment => payment.Id == paymentId && payment.ProviderId == null)
            .ExecuteUpdateAsync(payment => payment.SetProperty(row => row.ProviderId, providerId));
    }

    public async Task<Outcome<Payment>> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Payments.AsNoTracking().SingleOrDefaultAsync(payment => payment.Id == id, cancellationToken);
        return row is null ? Refusal.NotFound("payment", id) : Payment.Of(row);
    }

    /// <summary>The payment that a provider names by <see cref="PaymentRow.ProviderPaymentId"/>.</summary>
    public async Task<Guid?> FindAsync(PaymentProvider provider, string providerPaymentId)
    {
        await using var database = await databases.CreateDbContextAsync();
        return await database.Payments
            .Where(payment => payment.Provider == provider && payment.ProviderPaymentId == providerPaymentId)
            .Select(payment => (Guid?)payment.Id)
            .SingleOrDefaultAsync();
    }

    /// <summary>Newest first.</summary>
    public async Task<Outcome<Page<Payment>>> ListAsync(Guid accountId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!await database.Accounts.AnyAsync(account => account.Id == accountId, cancellationToken))
        {
            return Refusal.NotFound("account", accountId);
        }

        var payments = database.Payments.AsNoTracking().Where(payment => payment.AccountId == accountId);
        if (page.After is { } after)
        {
            if (!after.TryGet(out Guid last))
            {
                return Refusal.BadCursor();
            }

            payments = payments.Where(payment => payment.Id.CompareTo(last) < 0);
        }

        var rows = await payments.OrderByDescending(payment => payment.Id).Take(page.Take).ToListAsync(cancellationToken);
        return Page.Of(rows, page, Payment.Of, static row => Cursor.Of(row.Id));
    }
}
