using System.Collections.Immutable;

namespace MixGateway.Billing;

/// <summary>What one kind of token costs: nano-units of the billing currency per million tokens, so 0.28 USD is 280,000,000.</summary>
/// <param name="Input">A prompt token that is neither cached nor cache-written.</param>
/// <param name="CachedInput">A prompt token read from the provider's cache; <see cref="Input"/> unless configured.</param>
/// <param name="CacheWrite">A prompt token written to the provider's cache; <see cref="Input"/> unless configured.</param>
/// <param name="Output">A completion token that is not reasoning.</param>
/// <param name="Reasoning">A reasoning token; <see cref="Output"/> unless configured.</param>
internal sealed record TokenPrices(long Input, long CachedInput, long CacheWrite, long Output, long Reasoning);

/// <summary>Other prices for calls whose prompt is longer than <see cref="AbovePromptTokens"/>.</summary>
internal sealed record PriceTier(long AbovePromptTokens, TokenPrices Tokens);

/// <summary>The whole price of a model.</summary>
/// <param name="Tokens">Prices below the first tier.</param>
/// <param name="Request">Per call, in nano-units of the billing currency.</param>
/// <param name="Tiers">Ascending by <see cref="PriceTier.AbovePromptTokens"/>; the last one exceeded applies to the whole call.</param>
/// <param name="Units">Prices of what is not a token (images, seconds of audio, …): nano-units of the billing currency per unit, by unit name.</param>
internal sealed record Price(
    TokenPrices Tokens,
    long Request,
    ImmutableArray<PriceTier> Tiers,
    ImmutableDictionary<string, long> Units)
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
}
