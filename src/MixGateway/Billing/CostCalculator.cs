using MixGateway.OpenAI;

namespace MixGateway.Billing;

/// <summary>What a call costs. Pure.</summary>
internal static class CostCalculator
{
    private const long TokensPerPrice = 1_000_000;

    /// <summary>
    /// Tokens times prices plus the price of the call, exact, and rounded once: half away from zero to a nano-unit.
    /// Cached and cache-written tokens are part of the prompt and reasoning is part of the completion; a part that is reported larger
    /// than what it is part of counts as all of it. A cost beyond <see cref="Money.MaxValue"/> is that value: a call that ended must
    /// have a record, and no balance reaches so far.
    /// </summary>
    /// <param name="prices">The tier already chosen with <see cref="Price.For"/>.</param>
    /// <param name="requestPrice">Per call, in nano-units.</param>
    public static Money Cost(TokenUsage usage, TokenPrices prices, long requestPrice)
    {
        var cached = Math.Min(usage.CachedTokens, usage.PromptTokens);
        var cacheWrite = Math.Min(usage.CacheWriteTokens, usage.PromptTokens - cached);
        var reasoning = Math.Min(usage.ReasoningTokens, usage.CompletionTokens);
        var total =
            ((Int128)requestPrice * TokensPerPrice)
            + ((Int128)(usage.PromptTokens - cached - cacheWrite) * prices.Input)
            + ((Int128)cached * prices.CachedInput)
            + ((Int128)cacheWrite * prices.CacheWrite)
            + ((Int128)(usage.CompletionTokens - reasoning) * prices.Output)
            + ((Int128)reasoning * prices.Reasoning);
        var (quotient, remainder) = Int128.DivRem(total, TokensPerPrice);
        if (Int128.Abs(remainder) * 2 >= TokensPerPrice)
        {
            quotient += Int128.Sign(total);
        }

        return new Money((long)Int128.Clamp(quotient, long.MinValue, long.MaxValue));
    }
}
