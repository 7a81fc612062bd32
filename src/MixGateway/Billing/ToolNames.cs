using System.Buffers;
using MixGateway.OpenAI;

namespace MixGateway.Billing;

/// <summary>Providers name the same tool differently; a price for its common name is enough.</summary>
internal static class ToolNames
{
    private static readonly SearchValues<char> DateCharacters = SearchValues.Create("0123456789_-");
    private const string Preview = "_preview";
    private const int ShortestDate = 6; // _250305, _20250305, _2025_03_11, -2025-03-11

    /// <summary>
    /// The name that stands for all tools of a kind: without a version (<c>web_search_20250305</c>, <c>web_search_preview</c>), a vendor's prefix
    /// (<c>openrouter:web_search</c>) or a leading <c>$</c>, and the same for everything that searches the web.
    /// </summary>
    public static string Common(string name)
    {
        var bare = name.AsSpan(name.LastIndexOf(':') + 1).TrimStart('$');
        bare = WithoutDate(bare);
        if (bare.EndsWith(Preview, StringComparison.OrdinalIgnoreCase))
        {
            bare = bare[..^Preview.Length];
        }

        return KindOf(bare.ToString().ToLowerInvariant());
    }

    private static ReadOnlySpan<char> WithoutDate(ReadOnlySpan<char> name)
    {
        var end = name.LastIndexOfAnyExcept(DateCharacters) + 1;
        return name.Length - end > ShortestDate ? name[..end] : name;
    }

    private static string KindOf(string name) => name switch
    {
        "web_search_options" or "web_search_requests" or "web-search" or "websearch" or "googlesearch" or "google_search" or "google_search_retrieval"
            or "browser_search" or "live_search" or "enable_search" or "enable_web_search" or "enable_enhancement" or "search_options" or "search_parameters"
            or "search_queries" or "num_search_queries" or "num_sources_used" or "web_search_call" => QuantityKinds.WebSearch,
        "file_search_call" or "file-search" or "retrieval" => QuantityKinds.FileSearch,
        "code_execution" or "codeexecution" or "code_interpreter_call" or "code-interpreter" => QuantityKinds.CodeInterpreter,
        _ => name,
    };
}
