using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using MixGateway.Administration.Secrets;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>ASP.NET Core Identity's store, which keeps second factors as <see cref="UserSecrets"/> says.</summary>
internal sealed class SealedUserStore(GatewayDbContext database, SecretBox box)
    : UserOnlyStore<UserRow, GatewayDbContext, Guid, IdentityUserClaim<Guid>, IdentityUserLogin<Guid>, IdentityUserToken<Guid>, IdentityUserPasskey<Guid>>(database)
{
    /// <inheritdoc/>
    public override Task SetTokenAsync(UserRow user, string loginProvider, string name, string? value, CancellationToken cancellationToken) =>
        base.SetTokenAsync(user, loginProvider, name, loginProvider == UserSecrets.Provider && value is not null ? UserSecrets.Seal(box, user.Id, name, value) : value, cancellationToken);

    /// <inheritdoc/>
    public override async Task<string?> GetTokenAsync(UserRow user, string loginProvider, string name, CancellationToken cancellationToken) =>
        UserSecrets.Open(box, user.Id, name, await base.GetTokenAsync(user, loginProvider, name, cancellationToken));

    /// <inheritdoc/>
    public override Task ReplaceCodesAsync(UserRow user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken) =>
        base.ReplaceCodesAsync(user, recoveryCodes.Select(UserSecrets.Hash), cancellationToken);

    /// <inheritdoc/>
    public override async Task<bool> RedeemCodeAsync(UserRow user, string code, CancellationToken cancellationToken)
    {
        var hashes = UserSecrets.Split(await GetTokenAsync(user, UserSecrets.Provider, UserSecrets.RecoveryCodes, cancellationToken));
        var used = UserSecrets.Hash(code);
        if (!hashes.Contains(used))
        {
            return false;
        }

        await base.ReplaceCodesAsync(user, hashes.Where(hash => hash != used), cancellationToken);
        return true;
    }
}
