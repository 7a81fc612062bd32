namespace MixGateway.OpenAI;

/// <summary>Tokens of one call, as billed. Every count is from 0 to <see cref="MaxCount"/>.</summary>
/// <param name="PromptTokens">All tokens of the prompt, cached and cache-written ones included.</param>
/// <param name="CachedTokens">The part of the prompt that the provider read from its cache.</param>
/// <param name="CacheWriteTokens">The part of the prompt that the provider wrote to its cache.</param>
/// <param name="CompletionTokens">All tokens of the answer, reasoning included.</param>
/// <param name="ReasoningTokens">The part of the completion that was reasoning.</param>
internal readonly record struct TokenUsage(
    long PromptTokens,
    long CachedTokens,
    long CacheWriteTokens,
    long CompletionTokens,
    long ReasoningTokens)
{
    /// <summary>No real call comes near it; a larger number is a provider's mistake and is not billed.</summary>
    public const long MaxCount = 2_000_000_000;
}
