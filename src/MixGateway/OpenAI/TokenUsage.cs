using System.Text.Json.Serialization;

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

    /// <summary>
    /// What the provider reported beside these counts; null for nothing. Always null in a usage record, which keeps them with their prices.
    /// </summary>
    [JsonIgnore]
    public ReportedQuantities? Quantities { get; init; }

    /// <summary>The same counts with one more quantity; see <see cref="ReportedQuantities.Add"/>.</summary>
    public TokenUsage With(string kind, long count) => this with { Quantities = ReportedQuantities.Add(Quantities, kind, count) };
}
