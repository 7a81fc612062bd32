using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>Signs in and out as ASP.NET Core Identity does, and keeps a <see cref="UserSession"/> for each browser, whichever way it signed in.</summary>
internal sealed class SessionSignInManager(
    UserManager<UserRow> users,
    IHttpContextAccessor contexts,
    IUserClaimsPrincipalFactory<UserRow> principals,
    IOptions<IdentityOptions> options,
    ILogger<SignInManager<UserRow>> logger,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<UserRow> confirmation,
    UserSessions sessions,
    TimeProvider time)
    : SignInManager<UserRow>(users, contexts, principals, options, logger, schemes, confirmation)
{
    /// <inheritdoc/>
    public override async Task<bool> CanSignInAsync(UserRow user) => user.SuspendedAt is null && await base.CanSignInAsync(user);

    /// <summary>An address without a user takes as long as a wrong password, so that nobody learns by the clock who has one.</summary>
    public override async Task<SignInResult> PasswordSignInAsync(string userName, string password, bool isPersistent, bool lockoutOnFailure)
    {
        if (await UserManager.FindByNameAsync(userName) is { } user)
        {
            return await PasswordSignInAsync(user, password, isPersistent, lockoutOnFailure);
        }

        UserManager.PasswordHasher.HashPassword(new UserRow(), password);
        return SignInResult.Failed;
    }

    /// <summary>That a user may not sign in is told only to those who have the password; to others it is wrong, and counts as that.</summary>
    public override async Task<SignInResult> CheckPasswordSignInAsync(UserRow user, string password, bool lockoutOnFailure)
    {
        if (await IsLockedOut(user))
        {
            return await LockedOut(user);
        }

        if (await CanSignInAsync(user))
        {
            return await base.CheckPasswordSignInAsync(user, password, lockoutOnFailure);
        }

        if (await UserManager.CheckPasswordAsync(user, password))
        {
            return SignInResult.NotAllowed;
        }

        if (lockoutOnFailure)
        {
            await UserManager.AccessFailedAsync(user);
        }

        return SignInResult.Failed;
    }

    /// <inheritdoc/>
    public override async Task<SignInResult> TwoFactorRecoveryCodeSignInAsync(string recoveryCode) =>
        await GetTwoFactorAuthenticationUserAsync() is { } user && await PreSignInCheck(user) is { } refused ? refused : await base.TwoFactorRecoveryCodeSignInAsync(recoveryCode);

    /// <summary>Signs in a user whose passkey has just proved who it is and who holds it: that is two factors, and no code is asked for.</summary>
    /// <param name="passkey">With the count that its authenticator has now.</param>
    public async Task<SignInResult> PasskeySignInAsync(UserRow user, UserPasskeyInfo passkey, bool isPersistent)
    {
        if (await PreSignInCheck(user) is { } refused)
        {
            return refused;
        }

        return (await UserManager.AddOrUpdatePasskeyAsync(user, passkey)).Succeeded
            ? await SignInOrTwoFactorAsync(user, isPersistent, loginProvider: null, bypassTwoFactor: true)
            : SignInResult.Failed;
    }

    /// <inheritdoc/>
    public override async Task SignInWithClaimsAsync(UserRow user, AuthenticationProperties? authenticationProperties, IEnumerable<Claim> additionalClaims)
    {
        var sessionId = SignedInUser.TryRead(Context.User, out var current) && current.Id == user.Id ? current.SessionId : await StartAsync(user);
        await base.SignInWithClaimsAsync(user, authenticationProperties, [.. additionalClaims, new Claim(SignedInUser.SessionClaim, sessionId.ToString())]);
    }

    /// <inheritdoc/>
    public override async Task SignOutAsync()
    {
        if (SignedInUser.TryRead(Context.User, out var current))
        {
            await sessions.EndAsync(current.Id, current.SessionId);
        }

        await base.SignOutAsync();
    }

    private async Task<Guid> StartAsync(UserRow user)
    {
        user.LastSignInAt = time.Now();
        await UserManager.UpdateAsync(user);
        return await sessions.StartAsync(user.Id, Context.Connection.RemoteIpAddress?.ToString(), Context.Request.Headers.UserAgent.ToString());
    }
}

/// <summary>What a cookie says: whose it is, and until which change of the password it holds. All else is read from the database.</summary>
internal sealed class UserPrincipalFactory : IUserClaimsPrincipalFactory<UserRow>
{
    public Task<ClaimsPrincipal> CreateAsync(UserRow user) => Task.FromResult(new ClaimsPrincipal(new ClaimsIdentity(
        [new Claim(ClaimTypes.NameIdentifier, user.Id.ToString()), new Claim(SignedInUser.StampClaim, user.SecurityStamp ?? "")],
        IdentityConstants.ApplicationScheme)));
}
