using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration.SelfService;

/// <summary>The keys of an account, as its members manage them.</summary>
internal sealed class AccountKeys(AccessGuard guard, Keys keys, IOptions<SelfServiceOptions> options)
{
    private int MaxKeys => options.Value.KeysPerAccount;

    /// <param name="status">Only keys with this status; null for all.</param>
    public Task<Outcome<Page<Key>>> ListAsync(Actor actor, Guid accountId, PageRequest page, CancellationToken cancellationToken, KeyStatus? status = null) =>
        guard.RunAsync(actor, accountId, AccountRole.Viewer, () => keys.ListAsync(accountId, page, cancellationToken, status));

    public Task<Outcome<Key>> GetAsync(Actor actor, Guid accountId, Guid keyId, CancellationToken cancellationToken) =>
        guard.RunAsync(actor, accountId, AccountRole.Viewer, () => FindAsync(accountId, keyId, cancellationToken));

    public Task<Outcome<CreatedKey>> CreateAsync(Actor actor, Guid accountId, KeyPolicy policy) =>
        guard.RunAsync(actor, accountId, AccountRole.Member, () => keys.CreateAsync(actor, accountId, policy, MaxKeys));

    public Task<Outcome<Key>> ChangeAsync(Actor actor, Guid accountId, Guid keyId, KeyPolicy changes) =>
        guard.RunAsync(actor, accountId, AccountRole.Member, async () =>
            await RefuseOtherAsync(accountId, keyId) is { } refusal ? refusal : await keys.ChangeAsync(actor, keyId, changes));

    public Task<Outcome<Key>> RevokeAsync(Actor actor, Guid accountId, Guid keyId) =>
        guard.RunAsync(actor, accountId, AccountRole.Member, async () =>
            await RefuseOtherAsync(accountId, keyId) is { } refusal ? refusal : await keys.RevokeAsync(actor, keyId));

    /// <summary>A new key that may do what the old one may; the old one goes on for a while, so that nothing breaks meanwhile.</summary>
    /// <param name="overlap">How long the old key is still taken; zero revokes it now.</param>
    public Task<Outcome<CreatedKey>> RotateAsync(Actor actor, Guid accountId, Guid keyId, TimeSpan overlap) =>
        guard.RunAsync(actor, accountId, AccountRole.Member, async () =>
            await RefuseOtherAsync(accountId, keyId) is { } refusal ? refusal : await keys.RotateAsync(actor, keyId, overlap, MaxKeys));

    private async Task<Outcome<Key>> FindAsync(Guid accountId, Guid keyId, CancellationToken cancellationToken)
    {
        var outcome = await keys.GetAsync(keyId, cancellationToken);
        return outcome.Value is { } key && key.AccountId != accountId ? Refusal.NotFound("key", keyId) : outcome;
    }

    private async Task<Refusal?> RefuseOtherAsync(Guid accountId, Guid keyId) => (await FindAsync(accountId, keyId, CancellationToken.None)).Refusal;
}
