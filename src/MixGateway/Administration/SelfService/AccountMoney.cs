using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration.SelfService;

/// <summary>The money of an account, as its members see and change it.</summary>
internal sealed class AccountMoney(AccessGuard guard, Accounts accounts, Ledger ledger, Redemptions redemptions, PaymentBooks payments, BalanceAlerts alerts)
{
    public Task<Outcome<Account>> GetAsync(Actor actor, Guid accountId, CancellationToken cancellationToken) =>
        guard.RunAsync(actor, accountId, AccountRole.Viewer, () => accounts.GetAsync(accountId, cancellationToken));

    public Task<Outcome<Page<LedgerEntry>>> ListLedgerAsync(Actor actor, Guid accountId, LedgerKind? kind, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsync(actor, accountId, AccountRole.Viewer, () => ledger.ListAsync(accountId, page, cancellationToken, new LedgerFilter(kind, new UsagePeriod(null, null))));

    public Task<Outcome<Page<Payment>>> ListPaymentsAsync(Actor actor, Guid accountId, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsync(actor, accountId, AccountRole.Viewer, () => payments.ListAsync(accountId, page, cancellationToken));

    public Task<Outcome<Payment>> GetPaymentAsync(Actor actor, Guid accountId, Guid paymentId, CancellationToken cancellationToken) =>
        guard.RunAsync(actor, accountId, AccountRole.Viewer, async () =>
        {
            var outcome = await payments.GetAsync(paymentId, cancellationToken);
            return outcome.Value is { } payment && payment.AccountId != accountId ? Refusal.NotFound("payment", paymentId) : outcome;
        });

    public Task<Outcome<Redemption>> RedeemAsync(Actor actor, Guid accountId, string? code) =>
        guard.RunAsync(actor, accountId, AccountRole.Member, () => redemptions.RedeemAsync(actor, accountId, code));

    public Task<Outcome<BalanceAlert>> GetAlertAsync(Actor actor, Guid accountId, CancellationToken cancellationToken) =>
        guard.RunAsync(actor, accountId, AccountRole.Viewer, () => alerts.GetAsync(accountId, cancellationToken));

    /// <param name="threshold">Null for no mails.</param>
    public Task<Outcome<BalanceAlert>> SetAlertAsync(Actor actor, Guid accountId, Money? threshold) =>
        guard.RunAsync(actor, accountId, AccountRole.Owner, () => alerts.SetAsync(actor, accountId, threshold));
}
