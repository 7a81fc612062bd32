using MixGateway.Billing;
using MixGateway.Usage;

namespace MixGateway.Storage;

/// <summary>A <see cref="UsageRecord"/> as it was booked, with what was charged for it. Written by the books alone.</summary>
internal sealed class UsageRecordRow
{
    /// <summary>UTC, the time in <see cref="RequestId"/>; names the month's partition on PostgreSQL.</summary>
    public required DateTime StartedAt { get; init; }
    public required Guid RequestId { get; init; }
    public required Guid AccountId { get; init; }
    public required Guid KeyId { get; init; }
    public required string Provider { get; init; }

    /// <summary><c>provider:modelId</c>.</summary>
    public required string Model { get; init; }
    public required bool Stream { get; init; }
    public required CallStatus Status { get; init; }
    public required UsageSource UsageSource { get; init; }
    public required long PromptTokens { get; init; }
    public required long CachedTokens { get; init; }
    public required long CacheWriteTokens { get; init; }
    public required long CompletionTokens { get; init; }
    public required long ReasoningTokens { get; init; }

    /// <summary>This and the other prices of tokens: nano-units per million tokens at the time of the call.</summary>
    public required long InputPrice { get; init; }
    public required long CachedInputPrice { get; init; }
    public required long CacheWritePrice { get; init; }
    public required long OutputPrice { get; init; }
    public required long ReasoningPrice { get; init; }

    /// <summary>Nano-units per call.</summary>
    public required long RequestPrice { get; init; }

    /// <summary>What the provider reported beside the tokens, with its prices (<see cref="BilledQuantity"/>); null for nothing.</summary>
    public string? Quantities { get; init; }
    public required string Currency { get; init; }

    /// <summary>Nano-units; what the call is worth.</summary>
    public required long Cost { get; init; }

    /// <summary>Nano-units; what of <see cref="Cost"/> hold, balance and spend limits let be charged. The difference is uncollected.</summary>
    public required long Charged { get; init; }

    /// <summary>Nano-units; what the provider takes for the call. Null: no purchase prices were configured.</summary>
    public long? PurchaseCost { get; init; }
    public required long CatalogRevision { get; init; }
    public required int DurationMs { get; init; }
    public int? FirstTokenMs { get; init; }

    /// <summary>From arrival until the call was admitted; null for a call that was abandoned.</summary>
    public int? AdmissionMs { get; init; }

    /// <summary>
    /// From the end of the provider's answer until a durable hot store had settled the call, or else until the record was written in
    /// its group; null for a call that its owner did not settle.
    /// </summary>
    public int? SettlementMs { get; init; }
    public required int HttpStatus { get; init; }
    public string? ErrorCode { get; init; }
    public required int Attempts { get; init; }

    /// <param name="now">UTC, when the record is written.</param>
    public static UsageRecordRow Of(UsageRecord record, Money charged, DateTime now) => new()
    {
        StartedAt = record.StartedAt,
        RequestId = record.RequestId,
        AccountId = record.AccountId,
        KeyId = record.KeyId,
        Provider = record.Provider,
        Model = record.Model,
        Stream = record.Stream,
        Status = record.Status,
        UsageSource = record.UsageSource,
        PromptTokens = record.Tokens.PromptTokens,
        CachedTokens = record.Tokens.CachedTokens,
        CacheWriteTokens = record.Tokens.CacheWriteTokens,
        CompletionTokens = record.Tokens.CompletionTokens,
        ReasoningTokens = record.Tokens.ReasoningTokens,
        InputPrice = record.Prices.Input,
        CachedInputPrice = record.Prices.CachedInput,
        CacheWritePrice = record.Prices.CacheWrite,
        OutputPrice = record.Prices.Output,
        ReasoningPrice = record.Prices.Reasoning,
        RequestPrice = record.RequestPrice,
        Quantities = record.Quantities,
        Currency = record.Currency,
        Cost = record.Cost.Nanos,
        Charged = charged.Nanos,
        PurchaseCost = record.PurchaseCost?.Nanos,
        CatalogRevision = record.CatalogRevision,
        DurationMs = record.DurationMs,
        FirstTokenMs = record.FirstTokenMs,
        AdmissionMs = record.AdmissionMs,
        SettlementMs = record.SettlementMs ?? Waited(record.SettlesSince, now),
        HttpStatus = record.HttpStatus,
        ErrorCode = record.ErrorCode,
        Attempts = record.Attempts,
    };

    /// <summary>A clock that was set back says nothing.</summary>
    private static int? Waited(DateTime? since, DateTime now) =>
        since is { } began && now >= began ? (int)Math.Min((now - began).TotalMilliseconds, int.MaxValue) : null;
}
