namespace MixGateway.Console.Layout;

/// <summary>A message for the next page: what a form did is told where its answer leads to. A cookie, because the pages keep nothing.</summary>
internal static class Flash
{
    private const string Cookie = "mg.flash";
    private const int MaxLength = 300;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <param name="message">In the reader's language; never a secret.</param>
    public static void Set(HttpContext context, string message) => context.Response.Cookies.Append(
        Cookie,
        Uri.EscapeDataString(message.Length > MaxLength ? message[..MaxLength] : message),
        new CookieOptions { HttpOnly = true, IsEssential = true, MaxAge = Lifetime, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = ConsolePaths.Root });

    /// <summary>The message, once. A page that is refreshed in the background does not take it from the one that is on the way.</summary>
    public static string? Take(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || context.Request.Headers.ContainsKey("X-Refresh") || context.Request.Cookies[Cookie] is not { Length: > 0 } message)
        {
            return null;
        }

        context.Response.Cookies.Delete(Cookie, new CookieOptions { Path = ConsolePaths.Root });
        return Uri.UnescapeDataString(message);
    }
}
