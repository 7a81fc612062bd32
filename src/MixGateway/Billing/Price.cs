using System.Collections.Immutable;
using MixGateway.OpenAI;

namespace MixGateway.Billing;

/// <summary>What one kind of token costs: nano-units of the billing currency per million tokens, so 0.28 USD is 280,000,000.</summary>
/// <param name="Input">A prompt token that is neither cached nor cache-written.</param>
/// <param name="CachedInput">A prompt token read from the provider's cache; <see cref="Input"/> unless configured.</param>
/// <param name="CacheWrite">A prompt token written to the provider's cache; <see cref="Input"/> unless configured.</param>
/// <param name="Output">A completion token that is not reasoning.</param>
/// <param name="Reasoning">A reasoning token; <see cref="Output"/> unless configured.</param>
internal sealed record TokenPrices(long Input, long CachedInput, long CacheWrite, long Output, long Reasoning)
{
    /// <summary>A prompt token written to a cache that lives for an hour; null, which means <see cref="CacheWrite"/>, unless configured.</summary>
    public long? CacheWrite1h { get; init; }

    /// <summary>A prompt token of sound; null, which means <see cref="Input"/>, unless configured.</summary>
    public long? AudioInput { get; init; }

    /// <summary>A prompt token of a picture; null, which means <see cref="Input"/>, unless configured.</summary>
    public long? ImageInput { get; init; }

    /// <summary>A completion token of sound; null, which means <see cref="Output"/>, unless configured.</summary>
    public long? AudioOutput { get; init; }

    /// <summary>A completion token of a picture; null, which means <see cref="Output"/>, unless configured.</summary>
    public long? ImageOutput { get; init; }
}

/// <summary>Other prices for calls whose prompt is longer than <see cref="AbovePromptTokens"/>.</summary>
internal sealed record PriceTier(long AbovePromptTokens, TokenPrices Tokens);

/// <summary>The whole price of a model.</summary>
/// <param name="Tokens">Prices below the first tier.</param>
/// <param name="Request">Per call, in nano-units of the billing currency.</param>
/// <param name="Tiers">Ascending by <see cref="PriceTier.AbovePromptTokens"/>; the last one exceeded applies to the whole call.</param>
/// <param name="Tools">Prices of provider-run tools and of anything else that is counted in uses: nano-units of the billing currency per use, by name.</param>
internal sealed record Price(
    TokenPrices Tokens,
    long Request,
    ImmutableArray<PriceTier> Tiers,
    ImmutableDictionary<string, long> Tools)
{
    /// <summary>The prices that apply to a prompt of this length.</summary>
    public TokenPrices For(long promptTokens)
    {
        var applicable = Tokens;
        foreach (var tier in Tiers)
        {
            if (promptTokens <= tier.AbovePromptTokens)
            {
                break;
            }

            applicable = tier.Tokens;
        }

        return applicable;
    }

    /// <summary>The prices that only some models have, by the kind of quantity: of tokens, and per use as <c>tool:</c> and its name.</summary>
    public IEnumerable<KeyValuePair<string, long>> Others
    {
        get
        {
            (string Kind, long? Price)[] tokens =
            [
                (QuantityKinds.CacheWrite1h, Tokens.CacheWrite1h), (QuantityKinds.AudioInput, Tokens.AudioInput), (QuantityKinds.AudioOutput, Tokens.AudioOutput),
                (QuantityKinds.ImageInput, Tokens.ImageInput), (QuantityKinds.ImageOutput, Tokens.ImageOutput),
            ];
            return tokens.Where(static token => token.Price is not null).Select(static token => KeyValuePair.Create(token.Kind, token.Price!.Value))
                .Concat(Tools.OrderBy(static tool => tool.Key, StringComparer.Ordinal).Select(static tool => KeyValuePair.Create($"tool:{tool.Key}", tool.Value)));
        }
    }

    /// <summary>Nano-units per use of a tool, by its own name or the common name of its kind; null if it has no price.</summary>
    public long? OfTool(string name) =>
        Tools.IsEmpty ? null
        : Tools.TryGetValue(name, out var price) || Tools.TryGetValue(ToolNames.Common(name), out price) ? price
        : null;
}
