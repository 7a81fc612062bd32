using MixGateway.Billing;
using MixGateway.Catalog;

namespace MixGateway.Quotas;

/// <summary>What bounds the size of a call.</summary>
/// <param name="TextBytes">Bytes of the request that can become prompt tokens: a token is at least one byte.</param>
/// <param name="MediaItems">Images, files and other parts whose bytes say nothing about their tokens.</param>
/// <param name="MaxTokens">The larger of the caller's own limits on the answer; null if there is none.</param>
/// <param name="Choices">Answers asked for (<c>n</c>); 1 unless given.</param>
internal readonly record struct CallSize(long TextBytes, long MediaItems, long? MaxTokens, long Choices);

/// <summary>The most that a call can cost and use.</summary>
/// <param name="Tokens">Prompt and answer together.</param>
internal readonly record struct CallBound(Money Hold, long Tokens);

/// <summary>The most tokens that a call can use of one model.</summary>
internal readonly record struct TokenBound(long Prompt, long Output);

/// <summary>Bounds the cost of a call before it runs: over every model that may answer it, at each one's dearest prices.</summary>
internal static class HoldCalculator
{
    /// <summary>Tokens that one image, file or other media item is counted as at most.</summary>
    public const long TokensPerMediaItem = 4096;

    private const long TokensPerPrice = 1_000_000;

    /// <summary>The hold of a call, saturated at the most that can be held.</summary>
    public static CallBound Bound(ReadOnlySpan<ResolvedModel> plan, in CallSize size, long defaultMaxOutputTokens)
    {
        Int128 hold = 0;
        Int128 tokens = 0;
        foreach (var candidate in plan)
        {
            var model = candidate.Model;
            var prompt = PromptBound(model, size);
            var output = Cap(Choices(size) * (Int128)OutputLimit(model, size, defaultMaxOutputTokens));
            hold = Int128.Max(hold, Cost(model.Price, prompt, output));
            tokens = Int128.Max(tokens, prompt + output);
        }

        return new CallBound(new Money((long)Cap(hold)), (long)Cap(tokens));
    }

    /// <summary>The tokens that a call can use of one model.</summary>
    public static TokenBound TokensOf(Model model, in CallSize size, long defaultMaxOutputTokens) =>
        new((long)PromptBound(model, size), (long)Cap(Choices(size) * (Int128)OutputLimit(model, size, defaultMaxOutputTokens)));

    /// <summary>The largest <c>max_tokens</c> with which the same call could be paid for; 0 if the prompt alone is too dear.</summary>
    public static long AffordableMaxTokens(ReadOnlySpan<ResolvedModel> plan, in CallSize size, long defaultMaxOutputTokens, Money available)
    {
        var affordable = long.MaxValue;
        foreach (var candidate in plan)
        {
            var model = candidate.Model;
            var left = available.Nanos - Cost(model.Price, PromptBound(model, size), 0);
            if (left < 0)
            {
                return 0;
            }

            var price = DearestOutput(model.Price);
            var limit = (Int128)OutputLimit(model, size, defaultMaxOutputTokens);
            var most = price == 0 ? limit : Int128.Min(limit, left * TokensPerPrice / ((Int128)price * Choices(size)));
            affordable = (long)Int128.Min(affordable, most);
        }

        return affordable == long.MaxValue ? 0 : affordable;
    }

    private static Int128 PromptBound(Model model, in CallSize size)
    {
        var counted = Math.Max(0, size.TextBytes) + ((Int128)Math.Max(0, size.MediaItems) * TokensPerMediaItem);
        return Cap(model.ContextLength is { } context ? Int128.Min(context, counted) : counted);
    }

    private static long OutputLimit(Model model, in CallSize size, long defaultMaxOutputTokens) => (size.MaxTokens, model.MaxOutputTokens) switch
    {
        ({ } asked, { } most) => Math.Min(asked, most),
        ({ } asked, null) => asked,
        (null, { } most) => most,
        _ => defaultMaxOutputTokens,
    };

    private static long Choices(in CallSize size) => Math.Max(1, size.Choices);

    /// <summary>Rounded up, each kind for itself, so that it is never below the cost of the real call.</summary>
    private static Int128 Cost(Price price, Int128 prompt, Int128 output) =>
        Whole(prompt, DearestPrompt(price)) + Whole(output, DearestOutput(price)) + price.Request;

    private static Int128 Whole(Int128 tokens, long price) => ((tokens * price) + (TokensPerPrice - 1)) / TokensPerPrice;

    private static long DearestPrompt(Price price)
    {
        var dearest = Math.Max(price.Tokens.Input, price.Tokens.CacheWrite);
        foreach (var tier in price.Tiers)
        {
            dearest = Math.Max(dearest, Math.Max(tier.Tokens.Input, tier.Tokens.CacheWrite));
        }

        return dearest;
    }

    private static long DearestOutput(Price price)
    {
        var dearest = Math.Max(price.Tokens.Output, price.Tokens.Reasoning);
        foreach (var tier in price.Tiers)
        {
            dearest = Math.Max(dearest, Math.Max(tier.Tokens.Output, tier.Tokens.Reasoning));
        }

        return dearest;
    }

    /// <summary>Keeps every product below 2¹²⁷, whatever a caller writes into a request.</summary>
    private static Int128 Cap(Int128 amount) => Int128.Min(amount, CallStore.MaxAmount);
}
