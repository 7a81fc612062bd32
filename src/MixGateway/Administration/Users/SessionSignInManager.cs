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
    SignInAttempts attempts,
    TimeProvider time)
    : SignInManager<UserRow>(users, contexts, principals, options, logger, schemes, confirmation)
{
    /// <summary>The user whose attempt this request has counted: the lockout that it may have begun is for the next ones.</summary>
    private Guid? _counted;

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

    /// <summary>
    /// That a user may not sign in is told only to those who have the password; to others it is wrong, and counts as that. Every attempt is counted
    /// before it is judged.
    /// </summary>
    public override async Task<SignInResult> CheckPasswordSignInAsync(UserRow user, string password, bool lockoutOnFailure)
    {
        var attempt = await TakeAttemptAsync(user);
        if (attempt is SignInAttempt.Refused)
        {
            return await LockedOut(user);
        }

        if (await CanSignInAsync(user))
        {
            var result = await base.CheckPasswordSignInAsync(user, password, lockoutOnFailure: false);
            if (result.Succeeded && user.TwoFactorEnabled)
            {
                await attempts.GiveBackAsync(user.Id);
            }

            return await JudgeAsync(user, attempt, result);
        }

        if (await UserManager.CheckPasswordAsync(user, password))
        {
            await attempts.GiveBackAsync(user.Id);
            return SignInResult.NotAllowed;
        }

        return await JudgeAsync(user, attempt, SignInResult.Failed);
    }

    /// <inheritdoc/>
    public override Task<SignInResult> TwoFactorAuthenticatorSignInAsync(string code, bool isPersistent, bool rememberClient) =>
        CheckSecondStepAsync(() => base.TwoFactorAuthenticatorSignInAsync(code, isPersistent, rememberClient));

    /// <inheritdoc/>
    public override Task<SignInResult> TwoFactorRecoveryCodeSignInAsync(string recoveryCode) => CheckSecondStepAsync(() => base.TwoFactorRecoveryCodeSignInAsync(recoveryCode));

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
        return await sessions.StartAsync(user.Id, Context.Connection.RemoteIpAddress?.ToString(), Context.Request.Headers.UserAgent.ToString(), isConfirmed: await HasNothingToConfirmWithAsync(user));
    }

    /// <summary>Who signs in elsewhere alone can be asked for neither password nor passkey here: to sign in anew is their confirmation.</summary>
    private async Task<bool> HasNothingToConfirmWithAsync(UserRow user) => user.PasswordHash is null && (await UserManager.GetPasskeysAsync(user)).Count == 0;

    /// <inheritdoc/>
    protected override async Task<bool> IsLockedOut(UserRow user) => user.Id != _counted && await base.IsLockedOut(user);

    private async Task<SignInAttempt> TakeAttemptAsync(UserRow user)
    {
        var attempt = await attempts.TakeAsync(user.Id);
        _counted = attempt is SignInAttempt.Refused ? null : user.Id;
        return attempt;
    }

    private async Task<SignInResult> CheckSecondStepAsync(Func<Task<SignInResult>> check)
    {
        if (await GetTwoFactorAuthenticationUserAsync() is not { } user)
        {
            return SignInResult.Failed;
        }

        var attempt = await TakeAttemptAsync(user);
        return attempt is SignInAttempt.Refused || await PreSignInCheck(user) is { } ? await LockedOut(user) : await JudgeAsync(user, attempt, await check());
    }

    /// <summary>A last attempt that was wrong has locked the user out, and that is said at once.</summary>
    private async Task<SignInResult> JudgeAsync(UserRow user, SignInAttempt attempt, SignInResult result) =>
        result == SignInResult.Failed && attempt is SignInAttempt.Last ? await LockedOut(user) : result;
}

/// <summary>What a cookie says: whose it is, and until which change of the password it holds. All else is read from the database.</summary>
internal sealed class UserPrincipalFactory : IUserClaimsPrincipalFactory<UserRow>
{
    public Task<ClaimsPrincipal> CreateAsync(UserRow user) => Task.FromResult(new ClaimsPrincipal(new ClaimsIdentity(
        [new Claim(ClaimTypes.NameIdentifier, user.Id.ToString()), new Claim(SignedInUser.StampClaim, user.SecurityStamp ?? "")],
        IdentityConstants.ApplicationScheme)));
}
