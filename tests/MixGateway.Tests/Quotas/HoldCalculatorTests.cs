using System.Collections.Immutable;
using FsCheck.Xunit;
using MixGateway.Billing;
using MixGateway.Catalog;
using MixGateway.OpenAI;
using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

public sealed class HoldCalculatorTests
{
    private const long Default = 8192;
    private const long Dollar = 1_000_000_000;

    [Fact]
    public void Bound_PlainModel_IsBytesAtInputPlusLimitAtOutput() =>
        Bound(Model(input: 1 * Dollar, output: 2 * Dollar), new CallSize(1000, 0, 500, 1))
            .Should().Be(new CallBound(new Money((1000 * 1000) + (500 * 2000)), 1500));

    [Fact]
    public void Bound_DearerCacheWriteAndReasoning_TakesThose()
    {
        var prices = new TokenPrices(Input: 1000_000, CachedInput: 100, CacheWrite: 3000_000, Output: 2000_000, Reasoning: 5000_000);
        Bound(Model(prices), new CallSize(10, 0, 10, 1)).Hold.Nanos.Should().Be((10 * 3) + (10 * 5));
    }

    [Fact]
    public void Bound_Tiers_TakesTheDearestOfAnyTier()
    {
        var cheap = new TokenPrices(1_000_000, 1, 1, 1_000_000, 1);
        var dear = new TokenPrices(7_000_000, 1, 1, 2_000_000, 9_000_000);
        var model = Model(cheap) with { Price = new Price(cheap, 0, [new PriceTier(200_000, dear)], ImmutableDictionary<string, long>.Empty) };
        Bound(model, new CallSize(10, 0, 10, 1)).Hold.Nanos.Should().Be((10 * 7) + (10 * 9));
    }

    [Fact]
    public void Bound_ContextLength_CapsThePromptMediaIncluded()
    {
        var model = Model(input: Dollar, output: 0) with { ContextLength = 5000 };
        Bound(model, new CallSize(100, 0, 1, 1) { ImageTokens = 4096 }).Tokens.Should().Be(100 + 4096 + 1);
        Bound(model, new CallSize(100, 0, 1, 1) { ImageTokens = 8192 }).Tokens.Should().Be(5000 + 1);
    }

    [Fact]
    public void Bound_SeveralPrompts_EachMayFillTheContext()
    {
        var model = Model(input: Dollar, output: 0) with { ContextLength = 5000 };
        Bound(model, new CallSize(100_000, 0, 0, 1) { Prompts = 3 }).Tokens.Should().Be(15_000);
        Bound(model, new CallSize(100_000, 0, 0, 1) { Prompts = 30 }).Tokens.Should().Be(100_000);
    }

    [Theory]
    [InlineData(700L, 5000L, 700)]
    [InlineData(null, 5000L, 4990)]
    [InlineData(700L, null, 700)]
    [InlineData(null, null, HoldCalculator.DefaultMediaTokens)]
    public void Bound_Reference_IsTheModelsBoundOfMedia(long? most, long? context, long media) =>
        Bound(Model(input: Dollar, output: 0) with { MaxMediaTokens = most, ContextLength = context }, new CallSize(10, 1, 0, 1)).Tokens
            .Should().Be(Math.Min(context ?? long.MaxValue, media + 10));

    [Fact]
    public void Bound_References_AreCountedPerModelOfThePlan()
    {
        ResolvedModel[] plan = [Resolved(Model(1_000_000, 0) with { MaxMediaTokens = 10 }), Resolved(Model(1_000_000, 0) with { ContextLength = 5000 })];
        HoldCalculator.Bound(plan, new CallSize(0, 2, 0, 1), Default).Should().Be(new CallBound(new Money(5000), 5000));
    }

    [Fact]
    public void Bound_DearerKindsOfTokens_HoldForThem()
    {
        var prices = new TokenPrices(1_000_000, 1_000_000, 2_000_000, 3_000_000, 4_000_000)
        {
            CacheWrite1h = 5_000_000,
            AudioInput = 20_000_000,
            ImageInput = 10_000_000,
            AudioOutput = 30_000_000,
            ImageOutput = 40_000_000,
        };
        var model = Model(prices) with { MaxMediaTokens = 100 };
        Bound(model, new CallSize(7, 1, 11, 1)).Hold.Nanos.Should().Be((7 * 5) + (100 * 20) + (11 * 40));
    }

    [Fact]
    public void Bound_DearerKindsWithinTheContext_HoldForTheMedia()
    {
        var prices = new TokenPrices(1_000_000, 1_000_000, 1_000_000, 0, 0) { AudioInput = 9_000_000 };
        var model = Model(prices) with { MaxMediaTokens = 100, ContextLength = 150 };
        Bound(model, new CallSize(1000, 1, 0, 1)).Hold.Nanos.Should().Be((50 * 1) + (100 * 9));
    }

    [Fact]
    public void Bound_ToolsOfTheProvider_HoldForTheirUses()
    {
        var model = Model(input: 0, output: 0);
        model = model with { Price = model.Price with { Tools = model.Price.Tools.Add("web_search", 10) } };
        Bound(model, new CallSize(0, 0, 0, 1) { Tools = [new AskedTool("web_search_preview", 0)] }).Hold.Nanos.Should().Be(10 * HoldCalculator.UsesPerTool);
        Bound(model, new CallSize(0, 0, 0, 2) { Tools = [new AskedTool("web_search", 30), new AskedTool("free", 9)] }).Hold.Nanos.Should().Be(10 * 30 * 2);
    }

    [Theory]
    [InlineData(1L, 300L, null, 300)]
    [InlineData(1L, 300L, 200L, 200)]
    [InlineData(400L, 300L, null, 400)]
    [InlineData(null, 3L, null, Default)]
    [InlineData(null, 9000L, null, 9000)]
    [InlineData(null, 3L, 500L, 500)]
    public void Bound_LimitThatOnlySomeProvidersRead_OnlyRaises(long? asked, long? raising, long? most, long expected) =>
        Bound(Model(input: 0, output: 1_000_000) with { MaxOutputTokens = most }, new CallSize(0, 0, asked, 1) { RaisingLimit = raising }).Tokens.Should().Be(expected);

    [Theory]
    [InlineData(null, null, 1, 8192)]
    [InlineData(null, 300L, 1, 300)]
    [InlineData(200L, 300L, 1, 200)]
    [InlineData(400L, 300L, 1, 300)]
    [InlineData(400L, null, 1, 400)]
    [InlineData(200L, 300L, 4, 800)]
    [InlineData(null, null, 2, 16384)]
    [InlineData(200L, null, -3, 200)]
    public void Bound_Output_IsChoicesTimesTheSmallerLimit(long? asked, long? most, long choices, long expected) =>
        Bound(Model(input: 0, output: 1_000_000) with { MaxOutputTokens = most }, new CallSize(0, 0, asked, choices)).Should().Be(new CallBound(new Money(expected), expected));

    [Fact]
    public void Bound_SeveralModels_TakesTheDearestOfThePlan()
    {
        ResolvedModel[] plan = [Resolved(Model(input: 1_000_000, output: 0)), Resolved(Model(input: 9_000_000, output: 0)), Resolved(Model(input: 2_000_000, output: 0))];
        HoldCalculator.Bound(plan, new CallSize(10, 0, 1, 1), Default).Hold.Nanos.Should().Be(90);
    }

    [Fact]
    public void Bound_RequestPrice_IsAdded()
    {
        var model = Model(input: 0, output: 0);
        Bound(model with { Price = model.Price with { Request = 42 } }, new CallSize(10, 0, 1, 1)).Hold.Nanos.Should().Be(42);
    }

    [Fact]
    public void Bound_AbsurdNumbers_Saturates()
    {
        var model = Model(input: long.MaxValue, output: long.MaxValue);
        Bound(model, new CallSize(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue))
            .Should().Be(new CallBound(new Money(CallStore.MaxAmount), CallStore.MaxAmount));
    }

    [Property(MaxTest = 500)]
    public void Bound_AnyUsageWithinTheLimits_CostsNoMore(uint input, uint cacheWrite, uint output, uint reasoning, ushort request, ushort prompt, ushort completion, byte share)
    {
        var prices = new TokenPrices(input, Math.Min(input, cacheWrite), cacheWrite, output, reasoning);
        var model = Model(prices);
        model = model with { Price = model.Price with { Request = request } };
        var usage = new TokenUsage(prompt, 0, prompt * share / 255, completion, completion * share / 255);
        var cost = CostCalculator.Cost(usage, prices, request);
        cost.Nanos.Should().BeLessOrEqualTo(Bound(model, new CallSize(prompt, 0, completion, 1)).Hold.Nanos);
    }

    [Property(MaxTest = 500)]
    public void AffordableMaxTokens_UsedAsLimit_FitsAndOneMoreDoesNot(uint input, uint output, ushort prompt, ushort asked, byte choices, uint available)
    {
        ResolvedModel[] plan = [Resolved(Model(input, output))];
        var size = new CallSize(prompt, 0, asked + 1L, choices);
        var affordable = HoldCalculator.AffordableMaxTokens(plan, size, Default, new Money(available));
        affordable.Should().BeInRange(0, asked + 1L);
        if (affordable > 0)
        {
            HoldCalculator.Bound(plan, size with { MaxTokens = affordable }, Default).Hold.Nanos.Should().BeLessOrEqualTo(available);
        }

        if (affordable < asked + 1L)
        {
            HoldCalculator.Bound(plan, size with { MaxTokens = affordable + 1 }, Default).Hold.Nanos.Should().BeGreaterThan(available);
        }
    }

    [Fact]
    public void AffordableMaxTokens_PromptAloneTooDear_IsZero()
    {
        ResolvedModel[] plan = [Resolved(Model(input: Dollar, output: Dollar))];
        HoldCalculator.AffordableMaxTokens(plan, new CallSize(1000, 0, 10, 1), Default, new Money(999_999)).Should().Be(0);
        HoldCalculator.AffordableMaxTokens(plan, new CallSize(0, 0, 10, 1), Default, new Money(-1)).Should().Be(0);
    }

    private static CallBound Bound(Model model, CallSize size) => HoldCalculator.Bound([Resolved(model)], size, Default);

    private static Model Model(long input, long output) => Model(new TokenPrices(input, input, input, output, output));

    private static Model Model(TokenPrices prices) => new("m", new Price(prices, 0, [], ImmutableDictionary<string, long>.Empty), null, null);

    private static ResolvedModel Resolved(Model model) => new(null!, model, "m", "p:m");
}
