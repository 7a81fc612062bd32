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
    public required string Currency { get; init; }

    /// <summary>Nano-units; what the call is worth.</summary>
    public required long Cost { get; init; }

    /// <summary>Nano-units; what the balance had left to pay of <see cref="Cost"/>. The difference is uncollected.</summary>
    public required long Charged { get; init; }
    public required long CatalogRevision { get; init; }
    public required int DurationMs { get; init; }
    public int? FirstTokenMs { get; init; }
    public required int HttpStatus { get; init; }
    public string? ErrorCode { get; init; }
    public required int Attempts { get; init; }

    public static UsageRecordRow Of(UsageRecord record, Money charged) => new()
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
        Currency = record.Currency,
        Cost = record.Cost.Nanos,
        Charged = charged.Nanos,
        CatalogRevision = record.CatalogRevision,
        DurationMs = record.DurationMs,
        FirstTokenMs = record.FirstTokenMs,
        HttpStatus = record.HttpStatus,
        ErrorCode = record.ErrorCode,
        Attempts = record.Attempts,
    };
}
