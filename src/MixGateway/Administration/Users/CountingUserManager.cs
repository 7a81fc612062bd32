using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>ASP.NET Core Identity's users, whose wrong attempts <see cref="SignInAttempts"/> has counted before they were judged.</summary>
internal sealed class CountingUserManager(
    IUserStore<UserRow> store,
    IOptions<IdentityOptions> options,
    IPasswordHasher<UserRow> hasher,
    IEnumerable<IUserValidator<UserRow>> userValidators,
    IEnumerable<IPasswordValidator<UserRow>> passwordValidators,
    ILookupNormalizer normalizer,
    IdentityErrorDescriber errors,
    IServiceProvider services,
    ILogger<UserManager<UserRow>> logger,
    SignInAttempts attempts)
    : UserManager<UserRow>(store, options, hasher, userValidators, passwordValidators, normalizer, errors, services, logger)
{
    /// <summary>Nothing: Identity would count a second time, and only after the answer.</summary>
    public override Task<IdentityResult> AccessFailedAsync(UserRow user) => Task.FromResult(IdentityResult.Success);

    /// <inheritdoc/>
    public override async Task<IdentityResult> ResetAccessFailedCountAsync(UserRow user)
    {
        await attempts.ClearAsync(user.Id);

        // What is stored of the user afterwards is stored whole.
        (user.AccessFailedCount, user.LockoutEnd) = (0, null);
        return IdentityResult.Success;
    }
}
