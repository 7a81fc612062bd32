using MixGateway.Billing;

namespace MixGateway.Quotas;

/// <summary>What the database says once a call is booked.</summary>
/// <param name="Balance">The account's balance after the booking.</param>
/// <param name="Version">The account's version after the booking.</param>
/// <param name="Charged">What the call's one record charges, whoever wrote it.</param>
internal readonly record struct SweptBooking(Money Balance, long Version, Money Charged);

/// <summary>The books, as the sweep needs them.</summary>
internal interface ISweepBooks
{
    /// <summary>
    /// Books a call whose owner did not: a settled one by its record and charge (<see cref="StoredCall.Cost"/>), an abandoned one by its record with
    /// what its last heartbeat had counted (at most <see cref="StoredCall.Hold"/>). A debit is settled if its ledger entry exists, and made impossible if not.
    /// Does nothing where a record exists, and says what that one charges.
    /// </summary>
    /// <returns>Null if the database does not take it now: the call stays where it is, and the next sweep asks again.</returns>
    ValueTask<SweptBooking?> BookAsync(StoredCall call, CancellationToken cancellationToken);
}
