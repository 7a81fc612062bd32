using System.Globalization;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.OpenAI;

namespace MixGateway.Console.Account;

/// <summary>A line of a call's bill.</summary>
/// <param name="Kind">What it is for; a key of the texts, or a provider's own name of what it counted.</param>
/// <param name="Tokens">Null for the price of the call itself and for uses.</param>
/// <param name="Price">Per million tokens, per use, or of the call. Null where the model has none.</param>
internal readonly record struct BillLine(string Kind, long? Tokens, Money? Price)
{
    private const decimal TokensPerPrice = 1_000_000;

    /// <summary>Uses of a tool; null for everything else.</summary>
    public long? Uses { get; init; }

    /// <summary>True where the provider reported what the model has no price for, so that it costs nothing.</summary>
    public bool IsUnpriced => Price is null;

    /// <summary>To the last digit: only the sum of the lines is rounded.</summary>
    public string Amount =>
        ((Price?.Nanos ?? 0) * (Tokens is { } tokens ? tokens / TokensPerPrice : Uses ?? 1) / Money.NanosPerUnit).ToString("0.###############", CultureInfo.InvariantCulture);

    /// <summary>Kinds that the call has nothing of are left out, but for prompt and completion.</summary>
    public static IEnumerable<BillLine> Of(UsageEntry entry)
    {
        var longWrite = Part(entry, QuantityKinds.CacheWrite1h, entry.CacheWriteTokens);
        var fresh = entry.PromptTokens - entry.CachedTokens - entry.CacheWriteTokens;
        var audioInput = Part(entry, QuantityKinds.AudioInput, fresh);
        var imageInput = Part(entry, QuantityKinds.ImageInput, fresh - audioInput.Tokens!.Value);
        var shown = entry.CompletionTokens - entry.ReasoningTokens;
        var audioOutput = Part(entry, QuantityKinds.AudioOutput, shown);
        var imageOutput = Part(entry, QuantityKinds.ImageOutput, shown - audioOutput.Tokens!.Value);
        BillLine[] lines =
        [
            new("Prompt", fresh - audioInput.Tokens!.Value - imageInput.Tokens!.Value, entry.Prices.Input),
            audioInput,
            imageInput,
            new("Cached", entry.CachedTokens, entry.Prices.CachedInput),
            new("CacheWrite", entry.CacheWriteTokens - longWrite.Tokens!.Value, entry.Prices.CacheWrite),
            longWrite,
            new("Completion", shown - audioOutput.Tokens!.Value - imageOutput.Tokens!.Value, entry.Prices.Output),
            audioOutput,
            imageOutput,
            new("Reasoning", entry.ReasoningTokens, entry.Prices.Reasoning),
            new("Request", null, entry.Prices.Request),
            .. from quantity in entry.Quantities where quantity.Per == UsageQuantity.Use select new BillLine(quantity.Kind, null, quantity.Price) { Uses = quantity.Count },
        ];
        return lines.Where(static line => line is { Kind: "Prompt" or "Completion" } or { Tokens: > 0 } || line.Uses is not null || (line.Tokens is null && line.Price != Money.Zero));
    }

    /// <summary>Tokens with a price of their own among others, as the cost counts them: at most <paramref name="most"/>.</summary>
    private static BillLine Part(UsageEntry entry, string kind, long most)
    {
        var quantity = entry.Quantities.FirstOrDefault(quantity => quantity.Per == UsageQuantity.MillionTokens && quantity.Kind == kind);
        return new BillLine(kind, quantity is null ? 0 : Math.Min(quantity.Count, most), quantity?.Price ?? Money.Zero);
    }
}
