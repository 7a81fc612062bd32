using Microsoft.Extensions.Options;

namespace MixGateway.Console.Safety;

/// <summary>Tells browsers what the console never does, so that nobody else can make it.</summary>
internal sealed class SecurityHeaders(RequestDelegate next, IOptions<ConsoleOptions> options)
{
    /// <summary>No inline script or style, nothing of another host, in nobody's frame.</summary>
    private readonly string _policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
        $"base-uri 'self'; frame-ancestors 'none'; form-action 'self'{SignInProvider(options.Value.OpenIdConnect)}";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = _policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";

        // As antiforgery has it for every page with a form; any other value it replaces, with a warning in the log for each page.
        headers.CacheControl = "no-cache, no-store";
        headers.Pragma = "no-cache";
        return next(context);
    }

    /// <summary>Browsers hold the answer to a form to the same rule, and signing in elsewhere begins with a form here.</summary>
    private static string SignInProvider(OpenIdConnectSettings settings) =>
        settings.IsConfigured && Uri.TryCreate(settings.Authority, UriKind.Absolute, out var authority) ? $" {authority.GetLeftPart(UriPartial.Authority)}" : "";
}
