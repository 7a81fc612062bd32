using System.Globalization;
using MixGateway.Administration;
using MixGateway.Billing;

namespace MixGateway.Console.Account;

/// <summary>A line of a call's bill.</summary>
/// <param name="Kind">What it is for; a key of the texts.</param>
/// <param name="Tokens">Null for the price of the call itself.</param>
/// <param name="Price">Per million tokens, or of the call.</param>
internal readonly record struct BillLine(string Kind, long? Tokens, Money Price)
{
    private const decimal TokensPerPrice = 1_000_000;

    /// <summary>To the last digit: only the sum of the lines is rounded.</summary>
    public string Amount => (Price.Nanos * (Tokens is { } tokens ? tokens / TokensPerPrice : 1) / Money.NanosPerUnit).ToString("0.###############", CultureInfo.InvariantCulture);

    /// <summary>Kinds that the call has nothing of are left out, but for prompt and completion.</summary>
    public static IEnumerable<BillLine> Of(UsageEntry entry)
    {
        var fresh = entry.PromptTokens - entry.CachedTokens - entry.CacheWriteTokens;
        BillLine[] lines =
        [
            new("Prompt", fresh, entry.Prices.Input),
            new("Cached", entry.CachedTokens, entry.Prices.CachedInput),
            new("CacheWrite", entry.CacheWriteTokens, entry.Prices.CacheWrite),
            new("Completion", entry.CompletionTokens - entry.ReasoningTokens, entry.Prices.Output),
            new("Reasoning", entry.ReasoningTokens, entry.Prices.Reasoning),
            new("Request", null, entry.Prices.Request),
        ];
        return lines.Where(static line => line is { Kind: "Prompt" or "Completion" } or { Tokens: > 0 } || (line.Tokens is null && line.Price != Money.Zero));
    }
}
