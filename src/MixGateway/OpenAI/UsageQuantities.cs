using System.Text;

namespace MixGateway.OpenAI;

/// <summary>Where in a usage object a quantity stands.</summary>
internal enum UsageDetail
{
    None,
    Prompt,
    Completion,
    ServerTools,
    CacheCreation,
}

/// <summary>Names the quantities that providers report beside the five counts of <see cref="TokenUsage"/>.</summary>
/// <remarks>
/// Known ones get the name of <see cref="QuantityKinds"/>. A count that nobody knows keeps the provider's own name, so that no paid work is
/// lost; sums of what is counted already, times and costs are no quantities.
/// </remarks>
internal static class UsageQuantities
{
    /// <summary>The kind of a member; null for what is no quantity of its own.</summary>
    public static string? KindOf(ReadOnlySpan<byte> name, UsageDetail place)
    {
        switch (place)
        {
            case UsageDetail.Prompt or UsageDetail.Completion when KindOfTokens(name, place == UsageDetail.Prompt) is { } tokens:
                return tokens;
            case UsageDetail.CacheCreation:
                return name.SequenceEqual("ephemeral_1h_input_tokens"u8) ? QuantityKinds.CacheWrite1h : null;
            case UsageDetail.ServerTools:
                return ToolOf(name);
        }

        return name.SequenceEqual("num_search_queries"u8) ? QuantityKinds.WebSearch : IsRepetition(name) ? null : Own(name);
    }

    private static string? KindOfTokens(ReadOnlySpan<byte> name, bool ofPrompt) =>
        name.SequenceEqual("audio_tokens"u8) ? (ofPrompt ? QuantityKinds.AudioInput : QuantityKinds.AudioOutput)
        : name.SequenceEqual("image_tokens"u8) ? (ofPrompt ? QuantityKinds.ImageInput : QuantityKinds.ImageOutput)
        : name.SequenceEqual("text_tokens"u8) ? (ofPrompt ? QuantityKinds.TextInput : QuantityKinds.TextOutput)
        : name.SequenceEqual("accepted_prediction_tokens"u8) ? QuantityKinds.AcceptedPrediction
        : name.SequenceEqual("rejected_prediction_tokens"u8) ? QuantityKinds.RejectedPrediction
        : null;

    /// <summary>Anthropic counts requests: <c>web_search_requests</c>.</summary>
    private static string ToolOf(ReadOnlySpan<byte> name)
    {
        var tool = name.EndsWith("_requests"u8) ? name[..^"_requests".Length] : name;
        return tool.SequenceEqual("web_search"u8) ? QuantityKinds.WebSearch
            : tool.SequenceEqual("file_search"u8) ? QuantityKinds.FileSearch
            : tool.SequenceEqual("code_interpreter"u8) || tool.SequenceEqual("code_execution"u8) ? QuantityKinds.CodeInterpreter
            : Own(tool);
    }

    private static bool IsRepetition(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("prompt_cache_miss_tokens"u8) || name.StartsWith("cost"u8) || name.IndexOf("time"u8) >= 0 || name.IndexOf("latency"u8) >= 0;

    private static string Own(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name[..Math.Min(name.Length, ReportedQuantities.MaxNameLength)]);
}
