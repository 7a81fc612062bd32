using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>
/// Brings what providers report into the ledger. The account's lock puts the notifications of a payment in a row, on all replicas;
/// whether it was credited stands in the row that the credit changes, and what goes back is told by the sum of its reversals, not by
/// the order in which they came. So a notification may come twice, late, or before the one that it follows.
/// </summary>
internal sealed partial class PaymentSettlement(
    IDbContextFactory<GatewayDbContext> databases, AccountTransaction transaction, PaymentMetrics metrics, ILogger<PaymentSettlement> logger)
{
    /// <summary>The money came in.</summary>
    public Task<PaymentAnswer> PayAsync(PaymentNotice notice) => ChangeAsync(ActorOf(notice.Provider), PaymentEvent.Paid, notice.Provider, notice.PaymentId, async (edit, payment) =>
    {
        if (await ContradictionAsync(edit.Database, payment, notice) is { } contradiction)
        {
            Log.Contradicted(logger, notice.Provider, payment.Id, contradiction);
            return PaymentAnswer.Refused;
        }

        if (payment.PaidAt is not null)
        {
            return PaymentAnswer.Done;
        }

        if ((Int128)edit.Account.Balance + payment.Amount > long.MaxValue)
        {
            Log.Contradicted(logger, notice.Provider, payment.Id, "balance");
            return PaymentAnswer.Refused;
        }

        var before = payment.Status;
        (payment.ProviderId, payment.ProviderPaymentId) = (notice.ProviderId, notice.ProviderPaymentId);
        (payment.PaidAt, payment.Status) = (edit.Now, PaymentStatus.Paid);
        edit.Record("payment.paid", payment.Id, new { Status = before }, new { payment.Status, Amount = new Money(payment.Amount), payment.ProviderId });
        PaymentEntry.Post(edit, payment.Amount, $"{NameOf(payment.Provider)} payment {payment.Id}", $"payment:{payment.Id}");
        await TakeBackAsync(edit, payment, entriesBefore: true);
        return PaymentAnswer.Done;
    });

    /// <summary>The provider gave up, or the payer did. Money that came in nevertheless is not forgotten, whichever is reported first.</summary>
    /// <param name="status"><see cref="PaymentStatus.Failed"/> or <see cref="PaymentStatus.Expired"/>.</param>
    public Task<PaymentAnswer> CloseAsync(PaymentProvider provider, Guid paymentId, PaymentStatus status) => ChangeAsync(ActorOf(provider), PaymentEvent.Closed, provider, paymentId, (edit, payment) =>
    {
        if (payment.Status == PaymentStatus.Created)
        {
            payment.Status = status;
            edit.Record(status == PaymentStatus.Failed ? "payment.fail" : "payment.expire", payment.Id, new { Status = PaymentStatus.Created }, new { payment.Status });
        }

        return Task.FromResult(PaymentAnswer.Done);
    });

    /// <summary>Money goes back to the payer, or comes back again. May take the balance below zero: the money is gone, whatever was spent of it.</summary>
    public Task<PaymentAnswer> ReverseAsync(PaymentReversal reversal) => ReverseAsync(ActorOf(reversal.Provider), reversal);

    /// <inheritdoc cref="ReverseAsync(PaymentReversal)"/>
    /// <param name="actor">Who says so.</param>
    public Task<PaymentAnswer> ReverseAsync(Actor actor, PaymentReversal reversal) => ChangeAsync(actor, PaymentEvent.Reversed, reversal.Provider, reversal.PaymentId, async (edit, payment) =>
    {
        if (reversal.Amount <= Money.Zero || !IsCurrency(payment, reversal.Currency))
        {
            Log.Contradicted(logger, reversal.Provider, payment.Id, "refund");
            return PaymentAnswer.Refused;
        }

        var known = await edit.Database.PaymentReversals.AsTracking().SingleOrDefaultAsync(row => row.PaymentId == payment.Id && row.Id == reversal.Id);
        if (known is not null && (known.IsReturned || !reversal.IsReturned))
        {
            return PaymentAnswer.Done;
        }

        if (known is null)
        {
            edit.Database.PaymentReversals.Add(new PaymentReversalRow
            {
                PaymentId = payment.Id,
                Id = reversal.Id,
                Amount = reversal.Amount.Nanos,
                IsReturned = reversal.IsReturned,
                CreatedAt = edit.Now,
            });
        }
        else
        {
            known.IsReturned = true;
        }

        edit.Record(
            reversal.IsReturned ? "payment.refund.return" : "payment.refund",
            payment.Id,
            new { payment.Status, Refunded = new Money(payment.Refunded) },
            new { reversal.Id, reversal.Amount, reversal.Currency });
        await edit.Database.SaveChangesAsync();
        await TakeBackAsync(edit, payment, entriesBefore: false);
        return PaymentAnswer.Done;
    });

    /// <summary>Books the difference between what went back to the payer so far and what was taken out of the account for it.</summary>
    private static async Task TakeBackAsync(AccountEdit edit, PaymentRow payment, bool entriesBefore)
    {
        if (payment.PaidAt is null)
        {
            return;
        }

        var reversals = await edit.Database.PaymentReversals.AsNoTracking().Where(row => row.PaymentId == payment.Id && !row.IsReturned).ToListAsync();
        var refunded = PaymentEntry.Share(payment, reversals.Aggregate(Int128.Zero, static (sum, row) => sum + row.Amount));
        var taken = refunded - payment.Refunded;
        payment.Refunded = refunded;
        payment.Status = refunded == payment.Amount ? PaymentStatus.Refunded : PaymentStatus.Paid;
        if (taken != 0)
        {
            if (entriesBefore)
            {
                edit.RaiseAgain();
            }

            PaymentEntry.Post(edit, -taken, $"{(taken > 0 ? "Refund" : "Refund undone")} of {NameOf(payment.Provider)} payment {payment.Id}", null);
        }
    }

    private static Actor ActorOf(PaymentProvider provider) => Actor.OfService(provider == PaymentProvider.Stripe ? "stripe" : "epay");

    private static string NameOf(PaymentProvider provider) => provider == PaymentProvider.Stripe ? "Stripe" : "EPay";

    private static bool IsCurrency(PaymentRow payment, string currency) => string.Equals(payment.PriceCurrency, currency, StringComparison.OrdinalIgnoreCase);

    /// <summary>In what a genuine notification differs from the payment it names; null if it fits.</summary>
    private static async Task<string?> ContradictionAsync(GatewayDbContext database, PaymentRow payment, PaymentNotice notice)
    {
        if (notice.AccountId is { } account && account != payment.AccountId)
        {
            return "account";
        }

        if (!IsCurrency(payment, notice.Currency))
        {
            return "currency";
        }

        if (notice.Paid != new Money(payment.Price))
        {
            return "amount";
        }

        if (payment.ProviderId is { } known && known != notice.ProviderId)
        {
            return "id";
        }

        return await database.Payments.AnyAsync(other => other.Provider == payment.Provider && other.ProviderId == notice.ProviderId && other.Id != payment.Id)
            ? "id of another payment"
            : null;
    }

    private async Task<PaymentAnswer> ChangeAsync(Actor actor, PaymentEvent what, PaymentProvider provider, Guid paymentId, Func<AccountEdit, PaymentRow, Task<PaymentAnswer>> change)
    {
        if (await FindAccountAsync(provider, paymentId) is not { } accountId)
        {
            Log.Unknown(logger, provider, paymentId);
            metrics.Told(provider, what, PaymentAnswer.Ignored, 0);
            return PaymentAnswer.Ignored;
        }

        var outcome = await transaction.RunAsync<Change>(actor, accountId, async edit =>
        {
            var before = edit.Account.Balance;
            var answer = await change(edit, await edit.Database.Payments.AsTracking().SingleAsync(payment => payment.Id == paymentId));
            return new Change(answer, edit.Account.Balance - before);
        });
        var (told, moved) = outcome.Value ?? new Change(PaymentAnswer.Ignored, 0);
        metrics.Told(provider, what, told, moved);
        return told;
    }

    private async Task<Guid?> FindAccountAsync(PaymentProvider provider, Guid paymentId)
    {
        await using var database = await databases.CreateDbContextAsync();
        return await database.Payments.Where(payment => payment.Id == paymentId && payment.Provider == provider)
            .Select(payment => (Guid?)payment.AccountId).SingleOrDefaultAsync();
    }

    private sealed record Change(PaymentAnswer Answer, long Moved);

    private static partial class Log
    {
        [LoggerMessage(EventName = "PaymentContradicted", Level = LogLevel.Error, Message = "A genuine notification of {Provider} does not fit payment {PaymentId}: another {Member}. Nothing was booked.")]
        public static partial void Contradicted(ILogger logger, PaymentProvider provider, Guid paymentId, string member);

        [LoggerMessage(EventName = "PaymentUnknown", Level = LogLevel.Warning, Message = "A genuine notification of {Provider} names the payment {PaymentId}, which is not known here.")]
        public static partial void Unknown(ILogger logger, PaymentProvider provider, Guid paymentId);
    }
}
