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

    /// <summary>OpenRouter routes by these to other models and providers, and charges for plugins.</summary>
    private static readonly ImmutableArray<string> OpenRouter = ["models", "route", "provider", "plugins", "transforms"];

    public static ImmutableArray<string> For(Uri baseUrl)
        => IsHost(baseUrl, "openrouter.ai") ? [.. Everywhere, .. OpenRouter] : Everywhere;

    private static bool IsHost(Uri url, string host)
        => url.Host.Equals(host, StringComparison.OrdinalIgnoreCase)
            || url.Host.EndsWith($".{host}", StringComparison.OrdinalIgnoreCase);
}
