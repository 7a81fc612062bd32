using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using MixGateway.Administration.Users;

namespace MixGateway.Console.Safety;

/// <summary>Cookies of the console: which there are, and what they stand for.</summary>
internal static class ConsoleAuthentication
{
    public const string AccountCookie = "mg.account";

    public static void AddConsoleAuthentication(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var authentication = services.AddAuthentication(IdentityConstants.ApplicationScheme);
        authentication.AddIdentityCookies(static cookies =>
        {
            cookies.ApplicationCookie!.Configure(SetUp);
            cookies.ExternalCookie!.Configure(static options => Guard(options, "mg.external"));
            cookies.TwoFactorUserIdCookie!.Configure(static options => Guard(options, "mg.second"));
            cookies.TwoFactorRememberMeCookie!.Configure(static options => Guard(options, "mg.known"));
        });
        var settings = builder.Configuration.GetSection($"{ConsoleOptions.Section}:OpenIdConnect").Get<OpenIdConnectSettings>() ?? new OpenIdConnectSettings();
        if (settings.IsConfigured)
        {
            authentication.AddOpenIdConnect(settings);
        }

        services.AddAuthorization();
        services.AddAntiforgery(static options =>
        {
            options.Cookie.Name = "mg.form";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true;
        });
    }

    private static void SetUp(CookieAuthenticationOptions options)
    {
        Guard(options, "mg.session");
        options.LoginPath = ConsolePaths.SignIn;
        options.AccessDeniedPath = ConsolePaths.Denied;
        options.ReturnUrlParameter = "returnUrl";
        options.ExpireTimeSpan = UserSessions.Lifetime;
        options.SlidingExpiration = true;
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static void Guard(CookieAuthenticationOptions options, string name)
    {
        options.Cookie.Name = name;
        options.Cookie.HttpOnly = true;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;

        // Strict would sign out whoever comes by a link in a mail.
        options.Cookie.SameSite = SameSiteMode.Lax;
    }

    /// <summary>A cookie only says which session it is of; everything else is what the database says now.</summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var principal = context.Principal;
        var stamp = principal?.FindFirstValue(SignedInUser.StampClaim);
        if (!Guid.TryParse(principal?.FindFirstValue(SignedInUser.SessionClaim), out var sessionId))
        {
            context.RejectPrincipal();
            return;
        }

        var wanted = Guid.TryParse(context.Request.Cookies[AccountCookie], out var account) ? account : (Guid?)null;
        var sessions = context.HttpContext.RequestServices.GetRequiredService<UserSessions>();
        if (await sessions.ReadAsync(sessionId, stamp, wanted, context.HttpContext.RequestAborted) is { } user)
        {
            context.ReplacePrincipal(user.ToPrincipal(stamp ?? ""));
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
    }
}
