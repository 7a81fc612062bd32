using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using MixGateway.Administration.Users;
using MixGateway.Console.Safety;
using MixGateway.Storage;

namespace MixGateway.Console.SignIn;

/// <summary>Signing in with the provider of identities that the operator configured: there, and back.</summary>
internal static class ExternalSignIn
{
    private const string Callback = ConsolePaths.External + "/callback";

    public static void MapExternalSignIn(this IEndpointRouteBuilder app)
    {
        app.MapPost(ConsolePaths.External, Challenge).AllowAnonymous();
        app.MapGet(Callback, FinishAsync).AllowAnonymous();
    }

    private static ChallengeHttpResult Challenge([FromForm] string? returnUrl, SignInManager<UserRow> signIn)
    {
        var redirect = $"{Callback}?returnUrl={Uri.EscapeDataString(ConsolePaths.Local(returnUrl))}";
        return TypedResults.Challenge(signIn.ConfigureExternalAuthenticationProperties(ConsoleAuthentication.OpenIdConnect, redirect), [ConsoleAuthentication.OpenIdConnect]);
    }

    private static async Task<IResult> FinishAsync(HttpContext context, string? returnUrl, SignInManager<UserRow> signIn, Registration registration, OwnAccounts accounts)
    {
        if (await signIn.GetExternalLoginInfoAsync() is not { } login)
        {
            return Failed("external");
        }

        var result = await signIn.ExternalLoginSignInAsync(login.LoginProvider, login.ProviderKey, isPersistent: true, bypassTwoFactor: true);
        if (result.Succeeded)
        {
            return TypedResults.LocalRedirect(ConsolePaths.Local(returnUrl));
        }

        if (result.IsLockedOut || result.IsNotAllowed)
        {
            return Failed("refused");
        }

        return await JoinAsync(context, login, signIn, registration, accounts) is { } error ? Failed(error) : TypedResults.LocalRedirect(ConsolePaths.Local(returnUrl));
    }

    /// <summary>
    /// The first time. Only an address that the provider has verified counts; and one that a user has already is not taken over: that
    /// user signs in with the password, and nobody else can claim it.
    /// </summary>
    private static async Task<string?> JoinAsync(HttpContext context, ExternalLoginInfo login, SignInManager<UserRow> signIn, Registration registration, OwnAccounts accounts)
    {
        var email = login.Principal.FindFirstValue("email");
        if (string.IsNullOrEmpty(email) || login.Principal.FindFirstValue("email_verified") != "true")
        {
            return "unverified";
        }

        if (registration.Mode != RegistrationMode.Open)
        {
            return "closed";
        }

        var (user, _) = await registration.CreateAsync(email, password: null, Languages.Language.Of(context).Name, isAdministrator: false);
        if (user is null)
        {
            return "taken";
        }

        user.EmailConfirmed = true;
        await signIn.UserManager.AddLoginAsync(user, login);
        await accounts.EnsureAsync(user.Id);
        await signIn.SignInAsync(user, isPersistent: true, login.LoginProvider);
        return null;
    }

    private static RedirectHttpResult Failed(string error) => TypedResults.LocalRedirect($"{ConsolePaths.SignIn}?error={error}");
}
