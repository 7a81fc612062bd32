using System.Collections.Immutable;

namespace MixGateway.Catalog;

/// <summary>
/// Request fields that a provider does not let pass unless configured otherwise: with them a caller would choose another
/// model, another price or an answer that never comes, while the gateway bills what the catalogue says.
/// </summary>
internal static class RefusedFieldDefaults
{
    /// <summary>OpenAI's names, which many providers share: another price list, and an answer that comes after the call.</summary>
    private static readonly ImmutableArray<string> Everywhere = ["service_tier", "background"];

    /// <summary>By the provider's domain, its subdomains included.</summary>
    private static readonly ImmutableArray<(string Domain, ImmutableArray<string> Fields)> ByDomain =
    [
        // Other models and providers than the one asked for; plugins and web search are charged beside the tokens.
        ("openrouter.ai", ["models", "route", "provider", "plugins", "transforms", "preset", "web_search_options"]),

        // Live search is charged per source; a deferred answer is fetched later, past the gateway.
        ("x.ai", ["search_parameters", "deferred"]),

        // Model Studio (DashScope) charges its web search per call.
        ("aliyuncs.com", ["enable_search", "search_options"]),

        // The size of the search context sets the fee of the call.
        ("perplexity.ai", ["web_search_options"]),
    ];

    public static ImmutableArray<string> For(Uri baseUrl)
    {
        foreach (var (domain, fields) in ByDomain)
        {
            if (IsWithin(baseUrl.Host, domain))
            {
                return [.. Everywhere, .. fields];
            }
        }

        return Everywhere;
    }

    private static bool IsWithin(string host, string domain)
        => host.Equals(domain, StringComparison.OrdinalIgnoreCase)
            || host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase);
}
