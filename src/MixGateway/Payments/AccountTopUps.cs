using MixGateway.Administration;
using MixGateway.Administration.SelfService;
using MixGateway.Storage;

namespace MixGateway.Payments;

/// <summary>Top-ups, as the owners of an account begin them.</summary>
internal sealed class AccountTopUps(AccessGuard guard, Checkout checkout)
{
    public Task<Outcome<CheckoutStart>> StartAsync(Actor actor, Guid accountId, CheckoutRequest request, CancellationToken cancellationToken) =>
        guard.RunAsync(actor, accountId, AccountRole.Owner, () => checkout.StartAsync(actor, accountId, request with { UserId = actor.UserId }, cancellationToken));
}
