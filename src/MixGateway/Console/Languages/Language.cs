using System.Globalization;
using MixGateway.Administration.Users;

namespace MixGateway.Console.Languages;

/// <summary>The languages of the console, and which of them a reader gets.</summary>
internal static class Language
{
    public const string English = "en";
    public const string Chinese = "zh-CN";
    public const string Cookie = "mg.language";

    /// <summary>Each with its own name for itself.</summary>
    public static readonly IReadOnlyList<(string Culture, string Name)> All = [(Chinese, "简体中文"), (English, "English")];

    public static bool IsChinese(string culture) => culture.StartsWith("zh", StringComparison.OrdinalIgnoreCase);

    public static bool IsKnown(string? culture) => culture is English or Chinese;

    /// <summary>What the profile says, else what this browser chose here, else what it asks for.</summary>
    public static CultureInfo Of(HttpContext context)
    {
        if (SignedInUser.TryRead(context.User, out var user) && IsKnown(user.Language))
        {
            return CultureInfo.GetCultureInfo(user.Language!);
        }

        return CultureInfo.GetCultureInfo(context.Request.Cookies[Cookie] is { } chosen && IsKnown(chosen) ? chosen : Asked(context));
    }

    private static string Asked(HttpContext context)
    {
        var best = context.Request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(static language => language.Quality ?? 1)
            .Select(static language => language.Value.ToString())
            .FirstOrDefault(static language => IsChinese(language) || language.StartsWith(English, StringComparison.OrdinalIgnoreCase));
        return best is not null && IsChinese(best) ? Chinese : English;
    }
}

/// <summary>Answers in the reader's language; behind the authentication, whose user may have chosen one.</summary>
internal sealed class LanguageMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var culture = Language.Of(context);
        CultureInfo.CurrentCulture = culture;
        CultureInfo.CurrentUICulture = culture;
        context.Response.Headers.ContentLanguage = culture.Name;
        context.Response.Headers.Vary = "Accept-Language, Cookie";
        return next(context);
    }
}
