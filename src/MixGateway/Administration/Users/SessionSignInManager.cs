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
