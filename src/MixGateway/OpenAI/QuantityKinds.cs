namespace MixGateway.OpenAI;

/// <summary>The names of reported quantities that the gateway knows. Every other name is a provider's own and counts uses.</summary>
internal static class QuantityKinds
{
    /// <summary>Tokens written to a cache that lives for an hour or longer; part of <see cref="TokenUsage.CacheWriteTokens"/>.</summary>
    public const string CacheWrite1h = "cache_write_1h";

    /// <summary>Tokens of sound; part of <see cref="TokenUsage.PromptTokens"/>.</summary>
    public const string AudioInput = "audio_input";

    /// <summary>Tokens of pictures; part of <see cref="TokenUsage.PromptTokens"/>.</summary>
    public const string ImageInput = "image_input";

    /// <summary>Tokens of sound; part of <see cref="TokenUsage.CompletionTokens"/>.</summary>
    public const string AudioOutput = "audio_output";

    /// <summary>Tokens of pictures; part of <see cref="TokenUsage.CompletionTokens"/>.</summary>
    public const string ImageOutput = "image_output";

    /// <summary>Tokens of plain text in the prompt, priced as the prompt.</summary>
    public const string TextInput = "text_input";

    /// <summary>Tokens of plain text in the completion, priced as the completion.</summary>
    public const string TextOutput = "text_output";

    /// <summary>Tokens of a prediction that the answer took over, priced as the completion that they are part of.</summary>
    public const string AcceptedPrediction = "accepted_prediction";

    /// <summary>Tokens of a prediction that the answer did not take over, priced as the completion that they are part of.</summary>
    public const string RejectedPrediction = "rejected_prediction";

    /// <summary>Uses of a web search that the provider runs.</summary>
    public const string WebSearch = "web_search";

    /// <summary>Uses of a file search that the provider runs.</summary>
    public const string FileSearch = "file_search";

    /// <summary>Uses of a code interpreter that the provider runs.</summary>
    public const string CodeInterpreter = "code_interpreter";

    /// <summary>True for tokens that are part of the prompt or the completion; false for uses.</summary>
    public static bool IsTokens(string kind) => kind is CacheWrite1h or AudioInput or ImageInput or AudioOutput or ImageOutput || IsPlain(kind);

    /// <summary>True for tokens whose price is that of the prompt or the completion around them.</summary>
    public static bool IsPlain(string kind) => kind is TextInput or TextOutput or AcceptedPrediction or RejectedPrediction;
}
