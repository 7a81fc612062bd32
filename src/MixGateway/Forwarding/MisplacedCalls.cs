using MixGateway.Authentication;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>
/// Answers calls of API clients outside of <c>/v1</c>, which a base URL without it leads to: in JSON, with the path that was meant.
/// They are not served there: proxies and firewalls in front go by the path.
/// </summary>
internal static class MisplacedCalls
{
    /// <summary>The management API has words of its own for what does not exist.</summary>
    private const string Management = "/api";

    /// <summary>Belongs in front of everything that answers by path.</summary>
    public static void UseMisplacedCalls(this WebApplication app) => app.Use(static (context, next) =>
        IsOne(context)
            ? context.WriteErrorAsync(OpenAIErrors.UnknownUrl(context.Request.Path, PathSuggestion.Of(context.Request.Path))).AsTask()
            : next(context));

    /// <summary>True for a request that is an API client's and leads nowhere else.</summary>
    public static bool IsOne(HttpContext context)
    {
        var request = context.Request;
        if (request.Path.StartsWithSegments(OpenAIPaths.Root) || request.Path.StartsWithSegments(Management))
        {
            return false;
        }

        if (context.GetEndpoint() is null)
        {
            return KeyHeaders.AnyIn(request.Headers) || PathSuggestion.Of(request.Path) is not null;
        }

        // The console has a page of this name. A browser that opens it sends no key and asks for HTML.
        return IsModels(request.Path) && (KeyHeaders.AnyIn(request.Headers) || AsksForJson(request));
    }

    private static bool IsModels(PathString path) => string.Equals(path.Value?.TrimEnd('/'), "/models", StringComparison.OrdinalIgnoreCase);

    private static bool AsksForJson(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        return accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) && !accept.Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }
}
