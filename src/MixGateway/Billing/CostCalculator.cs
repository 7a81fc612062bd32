using System.Collections.Immutable;
using MixGateway.OpenAI;

namespace MixGateway.Billing;

/// <summary>What a call costs, and what the quantities beside its tokens were priced at.</summary>
/// <param name="Quantities">Empty where the provider reported none.</param>
internal readonly record struct CallBill(Money Cost, ImmutableArray<BilledQuantity> Quantities);

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
    public static Money Cost(TokenUsage usage, TokenPrices prices, long requestPrice) => Round(Tokens(usage, prices, requestPrice));

    /// <summary>
    /// <see cref="Cost"/> with the quantities that the provider reported beside the tokens. Sound and pictures are part of what is left of the
    /// prompt without its cached and cache-written tokens, or of the completion without its reasoning. Uses without a price cost nothing.
    /// </summary>
    /// <param name="price">Of the model.</param>
    /// <param name="requestPrice">Per call, in nano-units.</param>
    public static CallBill Bill(TokenUsage usage, Price price, long requestPrice)
    {
        var prices = price.For(usage.PromptTokens);
        var total = Tokens(usage, prices, requestPrice);
        if (usage.Quantities is not { } reported)
        {
            return new CallBill(Round(total), []);
        }

        var quantities = ImmutableArray.CreateBuilder<BilledQuantity>(reported.Items.Length);
        foreach (var (kind, count) in reported.Items)
        {
            var perUse = !QuantityKinds.IsTokens(kind);
            var unitPrice = perUse ? price.OfTool(kind) : PriceOf(kind, prices);
            quantities.Add(new BilledQuantity(kind, count, unitPrice, perUse));
            total += perUse ? (Int128)count * (unitPrice ?? 0) * TokensPerPrice : 0;
        }

        return new CallBill(Round(total), quantities.MoveToImmutable());
    }

    private static Int128 Tokens(in TokenUsage usage, TokenPrices prices, long requestPrice)
    {
        var cached = Math.Min(usage.CachedTokens, usage.PromptTokens);
        var cacheWrite = Math.Min(usage.CacheWriteTokens, usage.PromptTokens - cached);
        var reasoning = Math.Min(usage.ReasoningTokens, usage.CompletionTokens);
        var plainInput = usage.PromptTokens - cached - cacheWrite;
        var plainOutput = usage.CompletionTokens - reasoning;
        return ((Int128)requestPrice * TokensPerPrice)
            + ((Int128)plainInput * prices.Input)
            + ((Int128)cached * prices.CachedInput)
            + ((Int128)cacheWrite * prices.CacheWrite)
            + ((Int128)plainOutput * prices.Output)
            + ((Int128)reasoning * prices.Reasoning)
            + (usage.Quantities is { } reported ? Differences(reported, prices, plainInput, cacheWrite, plainOutput) : 0);
    }

    /// <summary>What tokens cost more, or less, than the plain tokens that they were counted as.</summary>
    private static Int128 Differences(ReportedQuantities reported, TokenPrices prices, long plainInput, long cacheWrite, long plainOutput)
    {
        var longWrite = Math.Min(reported.CountOf(QuantityKinds.CacheWrite1h), cacheWrite);
        var audioInput = Math.Min(reported.CountOf(QuantityKinds.AudioInput), plainInput);
        var imageInput = Math.Min(reported.CountOf(QuantityKinds.ImageInput), plainInput - audioInput);
        var audioOutput = Math.Min(reported.CountOf(QuantityKinds.AudioOutput), plainOutput);
        var imageOutput = Math.Min(reported.CountOf(QuantityKinds.ImageOutput), plainOutput - audioOutput);
        return ((Int128)longWrite * ((prices.CacheWrite1h ?? prices.CacheWrite) - prices.CacheWrite))
            + ((Int128)audioInput * ((prices.AudioInput ?? prices.Input) - prices.Input))
            + ((Int128)imageInput * ((prices.ImageInput ?? prices.Input) - prices.Input))
            + ((Int128)audioOutput * ((prices.AudioOutput ?? prices.Output) - prices.Output))
            + ((Int128)imageOutput * ((prices.ImageOutput ?? prices.Output) - prices.Output));
    }

    private static long PriceOf(string kind, TokenPrices prices) => kind switch
    {
        QuantityKinds.CacheWrite1h => prices.CacheWrite1h ?? prices.CacheWrite,
        QuantityKinds.AudioInput => prices.AudioInput ?? prices.Input,
        QuantityKinds.ImageInput => prices.ImageInput ?? prices.Input,
        QuantityKinds.AudioOutput => prices.AudioOutput ?? prices.Output,
        QuantityKinds.ImageOutput => prices.ImageOutput ?? prices.Output,
        QuantityKinds.TextInput => prices.Input,
        _ => prices.Output,
    };

    private static Money Round(Int128 total)
    {
        var (quotient, remainder) = Int128.DivRem(total, TokensPerPrice);
        if (Int128.Abs(remainder) * 2 >= TokensPerPrice)
        {
            quotient += Int128.Sign(total);
        }

        return new Money((long)Int128.Clamp(quotient, long.MinValue, long.MaxValue));
    }
}
