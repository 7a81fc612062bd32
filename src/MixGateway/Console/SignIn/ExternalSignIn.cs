using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Users;
using MixGateway.Console.Safety;
using MixGateway.Storage;

namespace MixGateway.Console.SignIn;

/// <summary>
/// Signing in with the provider of identities that the operator configured: there, and back. It begins with a link and not with a form, because
/// browsers hold every redirect after a form to the content security policy, and nobody knows over how many hosts a provider leads.
/// </summary>
internal static class ExternalSignIn
{
    private const string Callback = ConsolePaths.External + "/callback";
    private const string InvitationItem = "invitation";

    public static void MapExternalSignIn(this IEndpointRouteBuilder app)
    {
        app.MapGet(ConsolePaths.External, StartAsync).AllowAnonymous();
        app.MapGet(Callback, FinishAsync).AllowAnonymous();
    }

    /// <summary>Where the link of a page leads.</summary>
    public static string Link(string? returnUrl, string? invitation = null)
    {
        var query = QueryString.Create("returnUrl", ConsolePaths.Local(returnUrl));
        return ConsolePaths.External + (string.IsNullOrEmpty(invitation) ? query : query.Add(InvitationItem, invitation));
    }

    /// <summary>The provider's name among the logins of a user: another provider, which may give the same ids to others, has another.</summary>
    public static string ProviderName(OpenIdConnectSettings settings) => settings.Authority!.TrimEnd('/');

    private static async Task<IResult> StartAsync(HttpContext context, string? returnUrl, string? invitation, IOptions<ConsoleOptions> options, SignInManager<UserRow> signIn)
    {
        if (!options.Value.OpenIdConnect.IsConfigured)
        {
            return TypedResults.NotFound();
        }

        if (!await IdentityProvider.IsReachableAsync(context))
        {
            return Failed("unreachable");
        }

        // Whoever is signed in comes back to tie the two together.
        var me = SignedInUser.TryRead(context.User, out var user) ? user.Id.ToString() : null;
        var back = me is null ? $"{Callback}{QueryString.Create("returnUrl", ConsolePaths.Local(returnUrl))}" : ConsolePaths.ProfileLogin;
        var properties = signIn.ConfigureExternalAuthenticationProperties(ProviderName(options.Value.OpenIdConnect), back, me);
        properties.Items[InvitationItem] = invitation;
        return TypedResults.Challenge(properties, [IdentityProvider.Scheme]);
    }

    private static async Task<IResult> FinishAsync(HttpContext context, string? returnUrl, IOptions<ConsoleOptions> options, SignInManager<UserRow> signIn, ExternalLogins logins)
    {
        if (!options.Value.OpenIdConnect.IsConfigured || await signIn.GetExternalLoginInfoAsync() is not { } login)
        {
            return Failed("failed");
        }

        // It has told what it is for; a browser that others use after this one keeps nothing of it.
        await context.SignOutAsync(IdentityConstants.ExternalScheme);
        var invitation = login.AuthenticationProperties?.Items.TryGetValue(InvitationItem, out var code) == true ? code : null;
        var result = await logins.SignInAsync(login, IdentityProvider.VerifiedEmail(login.Principal), Languages.Language.Of(context).Name, invitation);
        return result switch
        {
            ExternalSignInResult.SignedIn => TypedResults.LocalRedirect(ConsolePaths.Local(returnUrl)),
            ExternalSignInResult.Refused => Failed("refused"),
            ExternalSignInResult.Unverified => Failed("unverified"),
            ExternalSignInResult.NotInvited => Failed("closed"),
            _ => Failed("taken"),
        };
    }

    private static RedirectHttpResult Failed(string error) => TypedResults.LocalRedirect(ConsolePaths.SignInError(error));
}
