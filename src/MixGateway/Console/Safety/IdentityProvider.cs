using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth.Claims;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using MixGateway.Administration.Users;
using MixGateway.Catalog;

namespace MixGateway.Console.Safety;

/// <summary>Signing in with a provider of identities, by OpenID Connect's code flow with PKCE.</summary>
internal static partial class IdentityProvider
{
    public const string Scheme = "oidc";

    private const string CallbackPath = ConsolePaths.Root + "/openid/callback";
    private const string VerifiedClaim = "email_verified";

    /// <summary>What people wait for; the provider's own sign-in is not a part of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void AddOpenIdConnect(this AuthenticationBuilder authentication, OpenIdConnectSettings settings)
    {
        authentication.Services.AddOptions<OpenIdConnectOptions>(Scheme)
            .Configure<OutgoingWebProxy>(static (options, proxy) => options.BackchannelHttpHandler = new SocketsHttpHandler { Proxy = proxy });
        authentication.AddOpenIdConnect(Scheme, settings.DisplayName, options =>
        {
            options.SignInScheme = IdentityConstants.ExternalScheme;
            options.Authority = settings.Authority;
            options.ClientId = settings.ClientId;
            options.ClientSecret = settings.ClientSecret;
            options.ResponseType = OpenIdConnectResponseType.Code;
            options.UsePkce = true;
            options.MapInboundClaims = false;
            options.RequireHttpsMetadata = settings.Authority!.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
            options.BackchannelTimeout = Patience;
            options.CallbackPath = CallbackPath;
            options.SignedOutCallbackPath = ConsolePaths.Root + "/openid/signed-out";
            options.RemoteSignOutPath = ConsolePaths.Root + "/openid/sign-out";
            options.Scope.Add("email");
            options.TokenValidationParameters.NameClaimType = "email";

            // Many providers tell the address only there (OpenID Connect Core §5.4).
            options.GetClaimsFromUserInfoEndpoint = true;
            options.ClaimActions.Add(new JsonKeyClaimAction(VerifiedClaim, ClaimValueTypes.Boolean, VerifiedClaim));

            // A redirect back, not a form that another site sends: so the cookies need not be open to other sites, and work without TLS too.
            options.ResponseMode = OpenIdConnectResponseMode.Query;
            Guard(options.CorrelationCookie);
            Guard(options.NonceCookie);
            options.Events.OnRedirectToIdentityProvider = NameOurselves;
            options.Events.OnAccessDenied = TellOfRefusalAsync;
            options.Events.OnRemoteFailure = TellAsync;
        });
    }

    /// <summary>The address that the provider says is the user's; null if it gives none, or does not say so.</summary>
    public static string? VerifiedEmail(ClaimsPrincipal principal) =>
        principal.FindAll(VerifiedClaim).Any(static claim => bool.TryParse(claim.Value, out var verified) && verified) ? principal.FindFirst("email")?.Value : null;

    /// <summary>True if the provider answers, so that nobody is sent to where nobody is.</summary>
    public static async Task<bool> IsReachableAsync(HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(Scheme);
        try
        {
            await options.ConfigurationManager!.GetConfigurationAsync(context.RequestAborted);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            Log.Unreachable(LoggerOf(context), exception);
            return false;
        }
    }

    private static void Guard(CookieBuilder cookie)
    {
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
    }

    /// <summary>Behind a proxy the request does not say how people reach the console.</summary>
    private static Task NameOurselves(RedirectContext context)
    {
        if (context.HttpContext.RequestServices.GetRequiredService<IOptions<RegistrationOptions>>().Value.PublicUrl is { } url)
        {
            context.ProtocolMessage.RedirectUri = new Uri(url, CallbackPath).ToString();
        }

        return Task.CompletedTask;
    }

    /// <summary>Whatever went wrong on the way back: a page that says so, and what people can do.</summary>
    private static Task TellAsync(RemoteFailureContext context)
    {
        Log.Failed(LoggerOf(context.HttpContext), context.Failure);
        context.HandleResponse();
        context.Response.Redirect(ConsolePaths.SignInError("failed"));
        return Task.CompletedTask;
    }

    private static Task TellOfRefusalAsync(AccessDeniedContext context)
    {
        context.HandleResponse();
        context.Response.Redirect(ConsolePaths.SignInError("cancelled"));
        return Task.CompletedTask;
    }

    private static ILogger LoggerOf(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(IdentityProvider));

    private static partial class Log
    {
        [LoggerMessage(EventName = "IdentityProviderUnreachable", Level = LogLevel.Error, Message = "The provider of identities does not answer, so nobody can sign in with it. Look at Console:OpenIdConnect:Authority.")]
        public static partial void Unreachable(ILogger logger, Exception exception);

        [LoggerMessage(EventName = "IdentityProviderFailed", Level = LogLevel.Warning, Message = "Somebody came back from the provider of identities and could not be signed in.")]
        public static partial void Failed(ILogger logger, Exception? exception);
    }
}
