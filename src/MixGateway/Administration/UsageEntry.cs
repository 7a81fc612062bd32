using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Administration;

/// <summary>The prices that a call was billed by.</summary>
/// <param name="Request">Per call; all others are per million tokens.</param>
internal sealed record UsagePrices(Money Input, Money CachedInput, Money CacheWrite, Money Output, Money Reasoning, Money Request);

/// <summary>A quantity that the provider reported beside the tokens.</summary>
/// <param name="Count">Tokens, or uses.</param>
/// <param name="Per">What <paramref name="Price"/> is for: <c>use</c> or <c>million_tokens</c>.</param>
/// <param name="Price">Null where the model has no price for it, so that nothing was charged.</param>
internal sealed record UsageQuantity(string Kind, long Count, string Per, Money? Price)
{
    /// <summary>What <see cref="Price"/> of tokens is for.</summary>
    public const string MillionTokens = "million_tokens";

    /// <summary>What <see cref="Price"/> of everything else is for.</summary>
    public const string Use = "use";

    public static IReadOnlyList<UsageQuantity> Of(string? stored) =>
    [
        .. from quantity in BilledQuantity.Read(stored)
            select new UsageQuantity(quantity.Kind, quantity.Count, quantity.PerUse ? Use : MillionTokens, quantity.Price is { } price ? new Money(price) : null),
    ];
}

/// <summary>A usage record as it is shown: one admitted call.</summary>
/// <param name="CachedTokens">Part of <paramref name="PromptTokens"/>.</param>
/// <param name="ReasoningTokens">Part of <paramref name="CompletionTokens"/>.</param>
/// <param name="Quantities">What else the provider reported. Tokens among them are part of the counts above.</param>
/// <param name="Cost">What the call is worth.</param>
/// <param name="Charged">What of <paramref name="Cost"/> the hold, the balance and the spend limits of account and key let be charged.</param>
internal sealed record UsageEntry(
    Guid RequestId,
    Guid AccountId,
    Guid KeyId,
    string Provider,
    string Model,
    bool Stream,
    CallStatus Status,
    long PromptTokens,
    long CachedTokens,
    long CacheWriteTokens,
    long CompletionTokens,
    long ReasoningTokens,
    UsageSource UsageSource,
    UsagePrices Prices,
    IReadOnlyList<UsageQuantity> Quantities,
    string Currency,
    Money Cost,
    Money Charged,
    long CatalogRevision,
    DateTime StartedAt,
    int DurationMs,
    int? FirstTokenMs,
    int HttpStatus,
    string? ErrorCode,
    int Attempts)
{
    /// <summary>What of <see cref="Cost"/> is not charged, and never will be.</summary>
    public Money Uncollected => Cost - Charged;

    public static UsageEntry Of(UsageRecordRow row) => new(
        row.RequestId,
        row.AccountId,
        row.KeyId,
        row.Provider,
        row.Model,
        row.Stream,
        row.Status,
        row.PromptTokens,
        row.CachedTokens,
        row.CacheWriteTokens,
        row.CompletionTokens,
        row.ReasoningTokens,
        row.UsageSource,
        PricesOf(row),
        UsageQuantity.Of(row.Quantities),
        row.Currency,
        new Money(row.Cost),
        new Money(row.Charged),
        row.CatalogRevision,
        row.StartedAt,
        row.DurationMs,
        row.FirstTokenMs,
        row.HttpStatus,
        row.ErrorCode,
        row.Attempts);

    private static UsagePrices PricesOf(UsageRecordRow row) => new(
        new Money(row.InputPrice),
        new Money(row.CachedInputPrice),
        new Money(row.CacheWritePrice),
        new Money(row.OutputPrice),
        new Money(row.ReasoningPrice),
        new Money(row.RequestPrice));
}
