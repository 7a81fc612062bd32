using MixGateway.Billing;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Administration;

/// <summary>
/// Money that is to be taken out of an account is held first, like that of a call, so that nothing else spends it while the database
/// books it. A hold that nobody ends, because its gateway died or lost sight of the database, is ended by the sweep.
/// </summary>
internal sealed class Debits(AccountStore store, CallStore calls, AccountInstaller installer)
{
    /// <param name="id">Of the ledger entry that will book it.</param>
    public async Task<Outcome<CallTicket>> HoldAsync(Guid id, Guid accountId, Money amount)
    {
        var answer = await store.DebitAsync(id, accountId, amount, default);
        if (answer.Status is DebitStatus.Load or DebitStatus.Refused && await installer.InstallAsync(accountId, []))
        {
            // It did not know the account, or had not heard of money that came in.
            answer = await store.DebitAsync(id, accountId, amount, default);
        }

        return answer.Status switch
        {
            DebitStatus.Held => answer.Ticket!,
            DebitStatus.Refused => Refusal.Conflict(
                $"Only {answer.Available} is available: the balance less what running calls hold. Correct by that or less, or send \"force\": true."),
            _ => Refusal.Unavailable("The hot store does not answer, so the amount could not be held. Nothing was changed; try again in a moment."),
        };
    }

    /// <summary>The debit is booked. If the store does not answer, the sweep finds the booking.</summary>
    /// <param name="balance">After the booking, as <paramref name="version"/>.</param>
    public async Task AcknowledgeAsync(CallTicket debit, Money balance, long version) =>
        await calls.AckAsync(debit, balance, version, debit.Hold, atBooking: true);

    /// <summary>The debit was not booked, and nobody will try to.</summary>
    public async Task ReleaseAsync(CallTicket debit) => await calls.ReleaseAsync(debit);
}
