using MixGateway.Administration.SelfService;

namespace MixGateway.Administration.Operators;

/// <summary>A call in flight with the names of its account and key; null where those are gone.</summary>
internal sealed record NamedCall(CallInFlight Call, string? AccountName, string? KeyName);

/// <summary>The calls in flight, for administrators.</summary>
internal sealed class OperatorCalls(AccessGuard guard, CallsInFlight calls, DisplayNames names)
{
    /// <summary>Newest first.</summary>
    /// <param name="accountId">Null for all accounts.</param>
    public Task<Outcome<Page<NamedCall>>> ListAsync(Actor actor, Guid? accountId, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<Page<NamedCall>>(actor, async () =>
        {
            var outcome = await calls.ListAsync(accountId, page);
            if (outcome.IsRefused(out var refusal, out var found))
            {
                return refusal;
            }

            var accounts = await names.OfAccountsAsync(found.Data.Select(static call => call.AccountId), cancellationToken);
            var keys = await names.OfKeysAsync(found.Data.Select(static call => call.KeyId), cancellationToken);
            return new Page<NamedCall>(
                [.. found.Data.Select(call => new NamedCall(call, accounts.GetValueOrDefault(call.AccountId), keys.GetValueOrDefault(call.KeyId)))], found.NextCursor);
        });

    /// <summary>Ends a call wherever it runs.</summary>
    public Task<Outcome<StoppedCall>> StopAsync(Actor actor, Guid requestId) => guard.RunAsAdministratorAsync(actor, () => calls.StopAsync(actor, requestId));
}
