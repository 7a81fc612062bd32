using System.Collections.Immutable;
using MixGateway.Billing;
using MixGateway.Catalog;
using MixGateway.OpenAI;

namespace MixGateway.Quotas;

/// <summary>What bounds the size of a call.</summary>
/// <param name="TextBytes">Bytes of the request that can become prompt tokens: a token is at least one byte.</param>
/// <param name="References">Files, videos, recordings, and whatever is given by address or id: their bytes say nothing about their tokens.</param>
/// <param name="MaxTokens">The larger of the caller's own limits on the answer; null if there is none.</param>
/// <param name="Choices">Answers asked for (<c>n</c>); 1 unless given.</param>
internal readonly record struct CallSize(long TextBytes, long References, long? MaxTokens, long Choices)
{
    /// <summary>Tokens that the pictures in the request are at most.</summary>
    public long ImageTokens { get; init; }

    /// <summary>A limit on the answer that only some providers read, so that it bounds nothing and may allow more; null if there is none.</summary>
    public long? RaisingLimit { get; init; }

    /// <summary>Prompts or inputs, each of which may fill the context; 1 unless given.</summary>
    public long Prompts { get; init; } = 1;

    /// <summary>Tools that the provider is asked to run.</summary>
    public ImmutableArray<AskedTool> Tools { get; init; } = [];
}

/// <summary>The most that a call can cost and use.</summary>
/// <param name="Tokens">Prompt and answer together.</param>
internal readonly record struct CallBound(Money Hold, long Tokens);

/// <summary>The most tokens that a call can use of one model.</summary>
internal readonly record struct TokenBound(long Prompt, long Output);

/// <summary>Bounds the cost of a call before it runs: over every model that may answer it, at each one's dearest prices.</summary>
internal static class HoldCalculator
{
    /// <summary>Tokens of one file, video or recording where neither its own bound nor the model's context is known: the longest common context.</summary>
    public const long DefaultMediaTokens = 1_048_576;

    /// <summary>Uses of a provider-run tool that an answer is held for; a caller's <c>max_uses</c> can only raise it, as most providers ignore that.</summary>
    public const long UsesPerTool = 5;

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
            hold = Int128.Max(hold, Cost(model.Price, size, prompt, output));
            tokens = Int128.Max(tokens, prompt.Text + prompt.Media + output);
        }

        return new CallBound(new Money((long)Cap(hold)), (long)Cap(tokens));
    }

    /// <summary>The tokens that a call can use of one model.</summary>
    public static TokenBound TokensOf(Model model, in CallSize size, long defaultMaxOutputTokens)
    {
        var prompt = PromptBound(model, size);
        return new TokenBound((long)Cap(prompt.Text + prompt.Media), (long)Cap(Choices(size) * (Int128)OutputLimit(model, size, defaultMaxOutputTokens)));
    }

    /// <summary>The largest <c>max_tokens</c> with which the same call could be paid for; 0 if the prompt alone is too dear.</summary>
    public static long AffordableMaxTokens(ReadOnlySpan<ResolvedModel> plan, in CallSize size, long defaultMaxOutputTokens, Money available)
    {
        var affordable = long.MaxValue;
        foreach (var candidate in plan)
        {
            var model = candidate.Model;
            var left = available.Nanos - Cost(model.Price, size, PromptBound(model, size), 0);
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

    /// <summary>Media come first within the context, because they may be dearer than text.</summary>
    private static (Int128 Text, Int128 Media) PromptBound(Model model, in CallSize size)
    {
        var most = Cap(model.ContextLength is { } context ? (Int128)context * Math.Max(1, size.Prompts) : Int128.MaxValue);
        var perReference = model.MaxMediaTokens ?? model.ContextLength ?? DefaultMediaTokens;
        var media = Int128.Min(most, Math.Max(0, size.ImageTokens) + ((Int128)Math.Max(0, size.References) * perReference));
        return (Int128.Min(most - media, Math.Max(0, size.TextBytes)), media);
    }

    private static long OutputLimit(Model model, in CallSize size, long defaultMaxOutputTokens)
    {
        var raising = size.RaisingLimit ?? 0;
        return (size.MaxTokens, model.MaxOutputTokens) switch
        {
            ({ } asked, { } most) => Math.Min(Math.Max(asked, raising), most),
            ({ } asked, null) => Math.Max(asked, raising),
            (null, { } most) => most,
            _ => Math.Max(defaultMaxOutputTokens, raising),
        };
    }

    private static long Choices(in CallSize size) => Math.Max(1, size.Choices);

    /// <summary>Rounded up, each kind for itself, so that it is never below the cost of the real call.</summary>
    private static Int128 Cost(Price price, in CallSize size, (Int128 Text, Int128 Media) prompt, Int128 output) =>
        Whole(prompt.Text, DearestText(price)) + Whole(prompt.Media, DearestMedia(price)) + Whole(output, DearestOutput(price)) + price.Request + Tools(price, size);

    private static Int128 Tools(Price price, in CallSize size)
    {
        Int128 cost = 0;
        foreach (var tool in size.Tools.IsDefault ? [] : size.Tools)
        {
            cost = Cap(cost + Cap(Cap((Int128)(price.OfTool(tool.Name) ?? 0) * Math.Max(UsesPerTool, tool.Uses)) * Cap(Choices(size))));
        }

        return cost;
    }

    private static Int128 Whole(Int128 tokens, long price) => ((tokens * price) + (TokensPerPrice - 1)) / TokensPerPrice;

    private static long DearestText(Price price)
    {
        var dearest = DearestText(price.Tokens);
        foreach (var tier in price.Tiers)
        {
            dearest = Math.Max(dearest, DearestText(tier.Tokens));
        }

        return dearest;
    }

    private static long DearestText(TokenPrices prices) => Math.Max(prices.Input, Math.Max(prices.CacheWrite, prices.CacheWrite1h ?? 0));

    private static long DearestMedia(Price price)
    {
        var dearest = DearestMedia(price.Tokens);
        foreach (var tier in price.Tiers)
        {
            dearest = Math.Max(dearest, DearestMedia(tier.Tokens));
        }

        return dearest;
    }

    private static long DearestMedia(TokenPrices prices) => Math.Max(DearestText(prices), Math.Max(prices.AudioInput ?? 0, prices.ImageInput ?? 0));

    private static long DearestOutput(Price price)
    {
        var dearest = DearestOutput(price.Tokens);
        foreach (var tier in price.Tiers)
        {
            dearest = Math.Max(dearest, DearestOutput(tier.Tokens));
        }

        return dearest;
    }

    private static long DearestOutput(TokenPrices prices) =>
        Math.Max(Math.Max(prices.Output, prices.Reasoning), Math.Max(prices.AudioOutput ?? 0, prices.ImageOutput ?? 0));

    /// <summary>Keeps every product below 2¹²⁷, whatever a caller writes into a request.</summary>
    private static Int128 Cap(Int128 amount) => Int128.Min(amount, CallStore.MaxAmount);
}
