using MixGateway.Billing;

namespace MixGateway.Quotas;

/// <summary>What the database says once a call is booked.</summary>
/// <param name="Balance">The account's balance after the booking.</param>
/// <param name="Version">The account's version with that balance.</param>
/// <param name="Charged">What the call's one record charges, whoever wrote it.</param>
/// <param name="AtBooking">True if balance and version are those right after this booking, false if they were read later.</param>
internal readonly record struct SweptBooking(Money Balance, long Version, Money Charged, bool AtBooking = false);

/// <summary>What became of a call that the sweep asked the books to book.</summary>
/// <param name="IsDown">True if the database does not take anything now: asking for other calls would only take time.</param>
/// <param name="Booking">Null if the call is not booked: it stays where it is, and a later sweep asks again.</param>
internal readonly record struct SweepAnswer(bool IsDown, SweptBooking? Booking)
{
    public static SweepAnswer Down => new(true, null);

    /// <summary>This one call cannot be booked, which says nothing about the others.</summary>
    public static SweepAnswer Refused => new(false, null);

    public static SweepAnswer Booked(in SweptBooking booking) => new(false, booking);
}

/// <summary>The books, as the sweep needs them.</summary>
internal interface ISweepBooks
{
    /// <summary>
    /// Books calls whose owners did not, in as few transactions as can be: a settled one by its record and charge (<see cref="StoredCall.Cost"/>), an
    /// abandoned one by its record with what its last heartbeat had counted (at most <see cref="StoredCall.Hold"/>). A debit is settled if its ledger entry
    /// exists, and made impossible if not. Does nothing where a record exists, and says what that one charges.
    /// </summary>
    /// <returns>One answer for each of the calls, in their order.</returns>
    Task<SweepAnswer[]> BookAsync(IReadOnlyList<StoredCall> calls, CancellationToken cancellationToken);
}
