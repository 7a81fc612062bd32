using System.Collections.Immutable;

namespace MixGateway.Catalog;

/// <summary>
/// Request fields that a provider does not let pass unless configured otherwise: with them a caller would choose another
/// model, another price or an answer that never comes, while the gateway bills what the catalog says. Fields that ask for a tool are in <see cref="ToolFieldDefaults"/>.
/// </summary>
internal static class RefusedFieldDefaults
{
    /// <summary>OpenAI's names, which many providers share: another price list, and an answer that comes after the call.</summary>
    private static readonly ImmutableArray<string> Everywhere = ["service_tier", "background"];

    /// <summary>By the provider's domain, its subdomains included.</summary>
    private static readonly ImmutableArray<(string Domain, ImmutableArray<string> Fields)> ByDomain =
    [
        // Other models and providers than the one asked for; plugins change both and are charged beside the tokens.
        ("openrouter.ai", ["models", "route", "provider", "plugins", "transforms", "preset"]),

        // A deferred answer is fetched later, past the gateway.
        ("x.ai", ["deferred"]),
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
