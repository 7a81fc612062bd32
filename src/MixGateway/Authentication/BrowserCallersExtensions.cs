using MixGateway.Forwarding;

namespace MixGateway.Authentication;

/// <summary>
/// Pages of other sites that may call <c>/v1</c> from a browser: those in <c>Cors:Origins</c>, none unless it is set. Cookies are never
/// part of it, and the management API and the console are for their own origin alone.
/// </summary>
internal static class BrowserCallersExtensions
{
    public const string OriginsKey = "Cors:Origins";

    /// <summary>What a page may read of an answer beside the body; SDKs decide by them whether and when to repeat a request.</summary>
    private static readonly string[] Exposed =
    [
        "x-request-id", "retry-after", "x-should-retry",
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
    ];

    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(1);

    public static void AddBrowserCallers(this WebApplicationBuilder builder)
    {
        var entries = builder.Configuration.GetSection(OriginsKey).GetChildren().ToArray();
        var mistakes = entries.Where(static entry => !IsOrigin(entry.Value)).Select(static entry => $"{entry.Path}: has to be an origin, such as https://app.example, without a path.").ToArray();
        builder.Services.AddCors(options => options.AddDefaultPolicy(policy => policy
            .WithOrigins([.. entries.Where(static entry => IsOrigin(entry.Value)).Select(static entry => entry.Value!)])
            .WithMethods(HttpMethods.Get, HttpMethods.Post)
            // SDKs send a dozen headers of their own (x-stainless-*, openai-*, http-referer, x-title) and more with each release. A listed site may send any.
            .AllowAnyHeader()
            .WithExposedHeaders(Exposed)
            .SetPreflightMaxAge(PreflightAge)));

        // Not a check of the framework's own options: those are needed to read the catalog, before all mistakes can be told at once.
        builder.Services.AddOptions<OriginSettings>().Validate(_ => mistakes.Length == 0, string.Join("\n  ", mistakes)).ValidateOnStart();
    }

    /// <summary>Belongs before the wall of <c>/v1</c>, which takes no OPTIONS.</summary>
    public static void UseBrowserCallers(this WebApplication app)
    {
        if (app.Configuration.GetSection(OriginsKey).Exists())
        {
            // A page reads our answer to a misplaced call too, or it would only learn that the network failed.
            app.UseWhen(static context => context.Request.Path.StartsWithSegments(OpenAIPaths.Root) || MisplacedCalls.IsOne(context), static api => api.UseCors());
        }
    }

    private static bool IsOrigin(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin)
        && (origin.Scheme == Uri.UriSchemeHttps || origin.Scheme == Uri.UriSchemeHttp)
        && origin.UserInfo.Length == 0
        && string.Equals(origin.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase);

    /// <summary>What carries the check of the origins.</summary>
    private sealed class OriginSettings;
}
