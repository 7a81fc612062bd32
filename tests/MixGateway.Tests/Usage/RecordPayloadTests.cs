using System.Text;
using MixGateway.Billing;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

/// <summary>Replicas of neighbouring versions read each other's records.</summary>
public sealed class RecordPayloadTests
{
    private static readonly UsageRecord Record = BooksBench.Record(Guid.CreateVersion7(), 300);

    [Fact]
    public void TryRead_WhatWasWritten_IsTheSameRecord()
    {
        var record = Record with { AdmissionMs = 7, PurchaseCost = new Money(123), Quantities = """[{"kind":"web_search","count":1}]""", ErrorCode = "upstream_error" };

        RecordPayload.TryRead(RecordPayload.Write(record).Span, out var read).Should().BeTrue();

        read.Should().Be(record);
    }

    /// <summary>As the version before wrote it: without what was added since.</summary>
    [Fact]
    public void TryRead_RecordOfTheVersionBefore_HasNoTimesAndNoPurchase()
    {
        const string Before = """
            1{"RequestId":"019e35a5-5600-7000-8000-000000000001","AccountId":"019e35a5-5600-7000-8000-000000000002","KeyId":"019e35a5-5600-7000-8000-000000000003",
            "Provider":"demo","Model":"demo:echo","Stream":true,"Status":4,"UsageSource":2,
            "Tokens":{"PromptTokens":11,"CachedTokens":3,"CacheWriteTokens":2,"CompletionTokens":7,"ReasoningTokens":5},
            "Prices":{"Input":1,"CachedInput":2,"CacheWrite":3,"Output":4,"Reasoning":5},"RequestPrice":17,"Currency":"USD","Cost":"0.0000003","CatalogRevision":4,
            "StartedAt":"2026-05-17T12:00:00Z","DurationMs":1234,"FirstTokenMs":56,"HttpStatus":200,"Attempts":1}
            """;

        RecordPayload.TryRead(Encoding.UTF8.GetBytes(Before), out var read).Should().BeTrue();

        (read!.AdmissionMs, read.SettlementMs, read.SettlesSince, read.PurchaseCost).Should().Be((null, null, null, null));
        (read.FirstTokenMs, read.Cost, read.Tokens.ReasoningTokens).Should().Be((56, new Money(300), 5L));
    }

    [Fact]
    public void TryRead_RecordOfTheVersionAfter_LeavesOutWhatItAdds()
    {
        var payload = Encoding.UTF8.GetString(RecordPayload.Write(Record).Span).Insert(2, "\"Later\":{\"a\":[1,2]},");

        RecordPayload.TryRead(Encoding.UTF8.GetBytes(payload), out var read).Should().BeTrue();

        read.Should().Be(Record);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2{}")]
    [InlineData("1{")]
    public void TryRead_OtherFormatOrDamage_IsNoRecord(string payload) => RecordPayload.TryRead(Encoding.UTF8.GetBytes(payload), out _).Should().BeFalse();
}
