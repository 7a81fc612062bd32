using System.Collections.Immutable;
using System.Globalization;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Console.Account;
using MixGateway.OpenAI;
using MixGateway.Storage;
using MixGateway.Tests.Usage;

namespace MixGateway.Tests.Console;

public sealed class BillLineTests
{
    private static readonly Price Price = new(
        new TokenPrices(1_000_000_000, 100_000_000, 2_000_000_000, 3_000_000_000, 4_000_000_000)
        {
            CacheWrite1h = 5_000_000_000,
            AudioInput = 10_000_000_000,
            ImageOutput = 40_000_000_000,
        },
        Request: 1_000_000,
        [],
        ImmutableDictionary<string, long>.Empty.Add("web_search", 10_000_000));

    [Fact]
    public void Of_ARecordWithQuantities_AddsUpToItsCost()
    {
        var usage = new TokenUsage(PromptTokens: 1000, CachedTokens: 100, CacheWriteTokens: 200, CompletionTokens: 500, ReasoningTokens: 50)
            .With(QuantityKinds.CacheWrite1h, 80).With(QuantityKinds.AudioInput, 300).With(QuantityKinds.ImageOutput, 90)
            .With("web_search_requests", 3).With("search_units", 2);
        var entry = EntryOf(usage);

        var lines = BillLine.Of(entry).ToList();

        lines.Sum(static line => decimal.Parse(line.Amount, CultureInfo.InvariantCulture)).Should().Be(entry.Cost.Nanos / 1_000_000_000m);
        lines.Should().ContainSingle(static line => line.IsUnpriced).Which.Should().Be(new BillLine("search_units", null, null) { Uses = 2 });
        lines.Select(static line => line.Kind).Should().Equal(
            "Prompt", "audio_input", "Cached", "CacheWrite", "cache_write_1h", "Completion", "image_output", "Reasoning", "Request", "web_search_requests", "search_units");
    }

    [Fact]
    public void Of_ARecordWithoutQuantities_HasTheTokensAlone() =>
        BillLine.Of(EntryOf(new TokenUsage(10, 0, 0, 5, 0))).Select(static line => line.Kind).Should().Equal("Prompt", "Completion", "Request");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("damaged")]
    [InlineData("{}")]
    [InlineData("null")]
    public void Quantities_ThatNobodyWrote_AreNone(string? stored) => UsageQuantity.Of(stored).Should().BeEmpty();

    private static UsageEntry EntryOf(TokenUsage usage)
    {
        var bill = CostCalculator.Bill(usage, Price, Price.Request);
        var record = BooksBench.Record(Guid.CreateVersion7(), bill.Cost.Nanos) with
        {
            Tokens = usage with { Quantities = null },
            Prices = Price.Tokens,
            RequestPrice = Price.Request,
            Quantities = BilledQuantity.Write(bill.Quantities),
        };
        return UsageEntry.Of(UsageRecordRow.Of(record, bill.Cost, record.StartedAt));
    }
}
