using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>How signing in with a provider of identities ended.</summary>
internal enum ExternalSignInResult
{
    SignedIn,

    /// <summary>Suspended, or locked out.</summary>
    Refused,

    /// <summary>The provider does not say that the address is the user's.</summary>
    Unverified,

    /// <summary>Nobody known, and registration is closed or needs an invitation.</summary>
    NotInvited,

    /// <summary>Another user has the address.</summary>
    Taken,
}

/// <summary>
/// Which identity at a provider is which user. The two are tied together when the provider's user registers here, or by somebody who is signed
/// in here and there at once; never because two addresses look the same, which would hand an account to whoever gets the address at the provider.
/// </summary>
internal sealed class ExternalLogins(
    UserManager<UserRow> users, SessionSignInManager signIn, Registration registration, IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    /// <param name="verifiedEmail">What the provider says is the user's address; null if it says nothing, or not that it is.</param>
    public async Task<ExternalSignInResult> SignInAsync(UserLoginInfo login, string? verifiedEmail, string language, string? invitation)
    {
        var result = await signIn.ExternalLoginSignInAsync(login.LoginProvider, login.ProviderKey, isPersistent: true, bypassTwoFactor: true);
        if (result.Succeeded)
        {
            return ExternalSignInResult.SignedIn;
        }

        if (result.IsLockedOut || result.IsNotAllowed)
        {
            return ExternalSignInResult.Refused;
        }

        return verifiedEmail is null ? ExternalSignInResult.Unverified : await RegisterAsync(login, verifiedEmail, language, invitation);
    }

    /// <summary>True if a user signs in with an identity at a provider.</summary>
    public async Task<bool> IsConnectedAsync(Guid userId, string provider) => (await users.GetLoginsAsync(await UserAsync(userId))).Any(login => login.LoginProvider == provider);

    /// <returns>False if the identity is another user's already.</returns>
    public async Task<bool> ConnectAsync(Guid userId, UserLoginInfo login)
    {
        if (!(await users.AddLoginAsync(await UserAsync(userId), login)).Succeeded)
        {
            return false;
        }

        await AuditAsync(userId, "user.login-connect", login);
        return true;
    }

    /// <returns>False if the user would have no way to sign in any more.</returns>
    public async Task<bool> DisconnectAsync(Guid userId)
    {
        var user = await UserAsync(userId);
        if (!await users.HasPasswordAsync(user) && (await users.GetPasskeysAsync(user)).Count == 0)
        {
            return false;
        }

        foreach (var login in await users.GetLoginsAsync(user))
        {
            await users.RemoveLoginAsync(user, login.LoginProvider, login.ProviderKey);
            await AuditAsync(userId, "user.login-disconnect", login);
        }

        return true;
    }

    private async Task<ExternalSignInResult> RegisterAsync(UserLoginInfo login, string email, string language, string? invitation)
    {
        var outcome = await registration.RegisterAsync(email, login, language, invitation);
        if (outcome is not { Result: RegistrationResult.Registered, User: { } user })
        {
            return outcome.Result is RegistrationResult.NotInvited ? ExternalSignInResult.NotInvited
                : outcome.Codes.Contains(nameof(IdentityErrorDescriber.DuplicateEmail)) ? ExternalSignInResult.Taken
                : ExternalSignInResult.Unverified;
        }

        if (!await signIn.CanSignInAsync(user))
        {
            return ExternalSignInResult.Refused;
        }

        await signIn.SignInAsync(user, isPersistent: true, login.LoginProvider);
        return ExternalSignInResult.SignedIn;
    }

    private async Task<UserRow> UserAsync(Guid userId) =>
        await users.FindByIdAsync(userId.ToString()) ?? throw new InvalidOperationException("The user of a session exists.");

    private async Task AuditAsync(Guid userId, string action, UserLoginInfo login)
    {
        await using var database = await databases.CreateDbContextAsync();
        database.AuditEntries.Add(AuditEntry.Of(Actor.User(userId), time.Now(), action, userId, null, new { login.LoginProvider }));
        await database.SaveChangesAsync();
    }
}
