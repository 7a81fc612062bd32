using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using MixGateway.Administration.Users;
using MixGateway.Console.Safety;
using MixGateway.Storage;

namespace MixGateway.Console;

/// <summary>What the forms of the layout send: they are on every page, and so are not a page's own.</summary>
internal static class PreferenceEndpoints
{
    public const string Language = ConsolePaths.Root + "/preferences/language";
    public const string Theme = ConsolePaths.Root + "/preferences/theme";
    public const string Account = ConsolePaths.Root + "/preferences/account";
    public const string SignOut = ConsolePaths.Root + "/sign-out";
    public const string ThemeCookie = "mg.theme";

    private static readonly TimeSpan CookieLifetime = TimeSpan.FromDays(365);

    public static void MapPreferences(this IEndpointRouteBuilder app)
    {
        // Without a token, so that pages for everybody hold none. Another site cannot use them: its browser says where a request comes from, and sends no session.
        app.MapPost(Language, SetLanguageAsync).AllowAnonymous().DisableAntiforgery().AddEndpointFilter(RefuseOtherSitesAsync);
        app.MapPost(Theme, SetThemeAsync).AllowAnonymous().DisableAntiforgery().AddEndpointFilter(RefuseOtherSitesAsync);
        app.MapPost(Account, SetAccount).RequireAuthorization();
        app.MapPost(SignOut, SignOutAsync).AllowAnonymous();
    }

    /// <summary><c>light</c>, <c>dark</c> or null: as the system.</summary>
    public static string? ThemeOf(HttpContext context)
    {
        var theme = SignedInUser.TryRead(context.User, out var user) && user.Theme is not null ? user.Theme : context.Request.Cookies[ThemeCookie];
        return theme is "light" or "dark" ? theme : null;
    }

    private static async Task<IResult> SetLanguageAsync(HttpContext context, [FromForm] string? language, [FromForm] string? returnUrl, UserProfiles profiles)
    {
        if (Languages.Language.IsKnown(language))
        {
            Append(context, Languages.Language.Cookie, language!);
            if (SignedInUser.TryRead(context.User, out var user))
            {
                await profiles.SetLanguageAsync(user.Id, language);
            }
        }

        return TypedResults.LocalRedirect(ConsolePaths.Local(returnUrl));
    }

    private static async Task<IResult> SetThemeAsync(HttpContext context, [FromForm] string? theme, [FromForm] string? returnUrl, UserProfiles profiles)
    {
        if (theme is "light" or "dark" or "system")
        {
            Append(context, ThemeCookie, theme);
            if (SignedInUser.TryRead(context.User, out var user))
            {
                await profiles.SetThemeAsync(user.Id, theme == "system" ? null : theme);
            }
        }

        return TypedResults.LocalRedirect(ConsolePaths.Local(returnUrl));
    }

    private static ValueTask<object?> RefuseOtherSitesAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        invocation.HttpContext.Request.Headers["Sec-Fetch-Site"] == "cross-site" ? ValueTask.FromResult<object?>(TypedResults.BadRequest()) : next(invocation);

    /// <summary>Whether the user may look at the account is found out with every request that does.</summary>
    private static RedirectHttpResult SetAccount(HttpContext context, [FromForm] Guid account)
    {
        Append(context, ConsoleAuthentication.AccountCookie, account.ToString());
        return TypedResults.LocalRedirect(ConsolePaths.Root);
    }

    private static async Task<IResult> SignOutAsync([FromForm] string? returnUrl, SignInManager<UserRow> signIn)
    {
        await signIn.SignOutAsync();
        return TypedResults.LocalRedirect(returnUrl is null ? ConsolePaths.SignIn : ConsolePaths.Local(returnUrl));
    }

    private static void Append(HttpContext context, string name, string value) => context.Response.Cookies.Append(name, value, new CookieOptions
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = CookieLifetime,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
    });
}
