using System.Collections.Immutable;

namespace MixGateway.Catalog;

/// <summary>Request fields by which a provider is asked to run a tool of its own, which most providers charge for beside the tokens.</summary>
internal static class ToolFieldDefaults
{
    /// <summary>Of every provider, because many take over each other's names.</summary>
    public static readonly ImmutableArray<string> All =
    [
        "web_search_options", // OpenAI, Perplexity, OpenRouter
        "plugins", // OpenRouter
        "search_parameters", // xAI
        "enable_search", "search_options", // Model Studio (DashScope)
        "web_search", "enable_web_search", // Qianfan and others
        "enable_enhancement", // Hunyuan
        "connectors", // Cohere
        "mcp_servers", // servers that the provider calls
    ];
}
