using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>What a payment writes into the ledger.</summary>
internal static class PaymentEntry
{
    /// <summary>Moves the balance, below zero if it has to, and adds the entry. The change's version has to be raised before.</summary>
    /// <param name="amount">Nano-units; negative where money goes back.</param>
    /// <param name="idempotencyKey">Where the same may be booked only once.</param>
    public static void Post(AccountEdit edit, long amount, string note, string? idempotencyKey)
    {
        var account = edit.Account;
        account.Balance = checked(account.Balance + amount);
        edit.Database.LedgerEntries.Add(new LedgerEntryRow
        {
            AccountId = account.Id,
            Sequence = account.Version,
            Id = AdministrationClock.NewId(edit.Now),
            Kind = amount > 0 ? LedgerKind.Credit : LedgerKind.Adjustment,
            Amount = amount,
            BalanceAfter = account.Balance,
            Note = note,
            IdempotencyKey = idempotencyKey,
            CreatedAt = edit.Now,
        });
    }

    /// <summary>The part of the credited amount that so much of the price stands for, rounded half away from zero; never more than all of it.</summary>
    /// <param name="reversed">Nano-units of the price's currency.</param>
    public static long Share(PaymentRow payment, Int128 reversed) =>
        reversed >= payment.Price ? payment.Amount : (long)(((2 * reversed * payment.Amount) + payment.Price) / (2 * (Int128)payment.Price));
}
