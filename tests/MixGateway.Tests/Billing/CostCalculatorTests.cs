using System.Collections.Immutable;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using MixGateway.Billing;
using MixGateway.OpenAI;

namespace MixGateway.Tests.Billing;

public sealed class CostCalculatorTests
{
    private static readonly TokenPrices Prices = new(Input: 280_000_000, CachedInput: 28_000_000, CacheWrite: 350_000_000, Output: 420_000_000, Reasoning: 840_000_000);

    [Fact]
    public void Cost_EveryKindOfToken_IsPricedOnceByItsOwnPrice()
    {
        var usage = new TokenUsage(PromptTokens: 1_000_000, CachedTokens: 300_000, CacheWriteTokens: 200_000, CompletionTokens: 100_000, ReasoningTokens: 40_000);

        var cost = CostCalculator.Cost(usage, Prices, requestPrice: 5_000_000);

        // 0.5 M plain, 0.3 M cached, 0.2 M written, 0.06 M plain answer, 0.04 M reasoning, 0.005 for the call.
        cost.Should().Be(Money.Parse("0.14") + Money.Parse("0.0084") + Money.Parse("0.07") + Money.Parse("0.0252") + Money.Parse("0.0336") + Money.Parse("0.005"));
    }

    [Theory]
    [InlineData(499_999, 0)]
    [InlineData(500_000, 1)]
    [InlineData(1_499_999, 1)]
    [InlineData(1_500_000, 2)]
    public void Cost_FractionOfANano_RoundsHalfAwayFromZero(long price, long nanos)
    {
        CostCalculator.Cost(new TokenUsage(1, 0, 0, 0, 0), new TokenPrices(price, 0, 0, 0, 0), 0).Nanos.Should().Be(nanos);
        CostCalculator.Cost(new TokenUsage(1, 0, 0, 0, 0), new TokenPrices(-price, 0, 0, 0, 0), 0).Nanos.Should().Be(-nanos);
    }

    [Fact]
    public void Cost_TwoHalvesOfANano_AreRoundedTogether() =>
        CostCalculator.Cost(new TokenUsage(1, 0, 0, 1, 0), new TokenPrices(500_000, 0, 0, 500_000, 0), 0).Nanos.Should().Be(1);

    [Fact]
    public void Cost_PartLargerThanItsWhole_CountsAsTheWhole()
    {
        var usage = new TokenUsage(PromptTokens: 10, CachedTokens: 8, CacheWriteTokens: 8, CompletionTokens: 5, ReasoningTokens: 9);
        var prices = new TokenPrices(1_000_000, 2_000_000, 3_000_000, 10_000_000, 20_000_000);
        CostCalculator.Cost(usage, prices, 0).Nanos.Should().Be((8 * 2) + (2 * 3) + (5 * 20));
    }

    [Fact]
    public void Cost_BeyondAllMoney_IsTheLargestAmount()
    {
        var usage = new TokenUsage(TokenUsage.MaxCount, 0, 0, 0, 0);
        CostCalculator.Cost(usage, new TokenPrices(long.MaxValue, 0, 0, 0, 0), long.MaxValue).Should().Be(Money.MaxValue);
    }

    private static Price WithTools(TokenPrices tokens) =>
        new(tokens, 0, [], ImmutableDictionary<string, long>.Empty.Add("web_search", 10_000_000));

    [Fact]
    public void Bill_SoundPicturesAndLongCacheWrites_HaveTheirOwnPrices()
    {
        var prices = new TokenPrices(1_000_000, 1_000_000, 2_000_000, 3_000_000, 4_000_000)
        {
            CacheWrite1h = 5_000_000,
            AudioInput = 10_000_000,
            ImageInput = 20_000_000,
            AudioOutput = 30_000_000,
            ImageOutput = 40_000_000,
        };
        var usage = new TokenUsage(PromptTokens: 100, CachedTokens: 10, CacheWriteTokens: 20, CompletionTokens: 50, ReasoningTokens: 5)
            .With(QuantityKinds.CacheWrite1h, 8).With(QuantityKinds.AudioInput, 30).With(QuantityKinds.ImageInput, 7)
            .With(QuantityKinds.AudioOutput, 11).With(QuantityKinds.ImageOutput, 3);

        var bill = CostCalculator.Bill(usage, WithTools(prices), 0);

        bill.Cost.Nanos.Should().Be((33 * 1) + 10 + (12 * 2) + (8 * 5) + (30 * 10) + (7 * 20) + (31 * 3) + (5 * 4) + (11 * 30) + (3 * 40));
        bill.Quantities.Should().HaveCount(5).And.OnlyContain(static quantity => quantity.Price != null && !quantity.PerUse);
    }

    [Fact]
    public void Bill_KindsWithoutAPriceOfTheirOwn_CostWhatTheyArePartOf()
    {
        var usage = new TokenUsage(1000, 0, 100, 500, 0);
        var reported = usage.With(QuantityKinds.CacheWrite1h, 50).With(QuantityKinds.AudioInput, 300).With(QuantityKinds.ImageOutput, 200).With(QuantityKinds.TextInput, 700);

        CostCalculator.Bill(reported, WithTools(Prices), 7).Cost.Should().Be(CostCalculator.Cost(usage, Prices, 7));
    }

    [Fact]
    public void Bill_PartsLargerThanTheirWhole_CountAsTheWhole()
    {
        var prices = new TokenPrices(1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000) { AudioInput = 9_000_000, ImageInput = 5_000_000, AudioOutput = 9_000_000 };
        var usage = new TokenUsage(10, 4, 0, 5, 3).With(QuantityKinds.AudioInput, 500).With(QuantityKinds.ImageInput, 500).With(QuantityKinds.AudioOutput, 500);

        CostCalculator.Bill(usage, WithTools(prices), 0).Cost.Nanos.Should().Be((6 * 9) + 4 + (2 * 9) + 3);
    }

    [Fact]
    public void Bill_UsesOfTools_ArePricedOrUnpriced()
    {
        var usage = new TokenUsage(0, 0, 0, 0, 0).With("web_search_requests", 3).With("search_units", 2).With("pages", 0);

        var bill = CostCalculator.Bill(usage, WithTools(Prices), 0);

        bill.Cost.Should().Be(Money.Parse("0.03"));
        BilledQuantity.Read(BilledQuantity.Write(bill.Quantities)).Should().Equal(
            new BilledQuantity("web_search_requests", 3, 10_000_000, PerUse: true),
            new BilledQuantity("search_units", 2, null, PerUse: true));
    }

    [Fact]
    public void Bill_ToolForFree_IsPricedAtNothing() =>
        BilledQuantity.Read(BilledQuantity.Write([new BilledQuantity("web_search", 1, 0, PerUse: true)])).Should().Equal(new BilledQuantity("web_search", 1, 0, PerUse: true));

    [Fact]
    public void Quantities_HostileReport_StaysBounded()
    {
        TokenUsage usage = default;
        for (var i = 0; i < 1000; i++)
        {
            usage = usage.With($"{i}{new string('x', 1000)}", long.MaxValue);
        }

        usage.Quantities!.Items.Should().HaveCount(ReportedQuantities.MaxKinds)
            .And.OnlyContain(static item => item.Kind.Length == ReportedQuantities.MaxNameLength && item.Count == TokenUsage.MaxCount);
        CostCalculator.Bill(usage, WithTools(Prices), 0).Cost.Should().Be(Money.Zero);
    }

    [Fact]
    public void Quantities_OfOneKindAgain_TheLargerCountStays() =>
        default(TokenUsage).With("web_search", 2).With("web_search", 5).With("web_search", 4).Should().Be(default(TokenUsage).With("web_search", 5));

    [Fact]
    public void Cost_PromptAboveATier_UsesThePricesOfTheLastTierExceeded()
    {
        var price = new Price(
            Prices,
            Request: 0,
            [new PriceTier(100, Prices with { Input = 1_000_000_000 }), new PriceTier(200, Prices with { Input = 2_000_000_000 })],
            ImmutableDictionary<string, long>.Empty);

        CostOf(100).Should().Be(new Money(100 * 280));
        CostOf(101).Should().Be(new Money(101 * 1000));
        CostOf(201).Should().Be(new Money(201 * 2000));

        Money CostOf(long prompt) => CostCalculator.Cost(new TokenUsage(prompt, 0, 0, 0, 0), price.For(prompt), price.Request);
    }

    [Property(MaxTest = 2000)]
    public Property Cost_AnyUsage_EqualsThatOfBigIntegers()
    {
        var tokens = Gen.Choose(0, (int)TokenUsage.MaxCount).Select(n => (long)n);
        var prices = Gen.OneOf(Gen.Choose(0, int.MaxValue).Select(n => (long)n), Gen.Choose(0, 1000).Select(n => n * 1_000_000_000L));
        var calls = from prompt in tokens
                    from completion in tokens
                    from share in Gen.Choose(0, 100).ArrayOf(3)
                    from price in prices.ArrayOf(6)
                    select (prompt, completion, share, price);
        return Prop.ForAll(calls.ToArbitrary(), call =>
        {
            var (prompt, completion, share, price) = call;
            var cached = prompt * share[0] / 100;
            var written = (prompt - cached) * share[1] / 100;
            var reasoning = completion * share[2] / 100;
            var exact = ((BigInteger)(prompt - cached - written) * price[0])
                + ((BigInteger)cached * price[1])
                + ((BigInteger)written * price[2])
                + ((BigInteger)(completion - reasoning) * price[3])
                + ((BigInteger)reasoning * price[4])
                + ((BigInteger)price[5] * 1_000_000);
            var rounded = ((2 * exact) + 1_000_000) / 2_000_000;

            CostCalculator.Cost(new TokenUsage(prompt, cached, written, completion, reasoning), new TokenPrices(price[0], price[1], price[2], price[3], price[4]), price[5])
                .Nanos.Should().Be((long)rounded);
        });
    }
}
