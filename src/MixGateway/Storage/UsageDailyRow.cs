namespace MixGateway.Storage;

/// <summary>The sums of one day's records of a key and model, kept in the transaction that books them.</summary>
internal sealed record UsageDailyRow
{
    /// <summary>The day, in the billing time zone, on which the calls started.</summary>
    public required DateOnly Day { get; init; }
    public required Guid AccountId { get; init; }
    public required Guid KeyId { get; init; }

    /// <summary><c>provider:modelId</c>.</summary>
    public required string Model { get; init; }
    public required long Requests { get; init; }
    public required long PromptTokens { get; init; }
    public required long CachedTokens { get; init; }
    public required long CacheWriteTokens { get; init; }
    public required long CompletionTokens { get; init; }
    public required long ReasoningTokens { get; init; }

    /// <summary>Nano-units.</summary>
    public required long Cost { get; init; }

    /// <summary>Nano-units.</summary>
    public required long Charged { get; init; }

    /// <summary>Nano-units; of the calls whose purchase cost is known.</summary>
    public long PurchaseCost { get; init; }

    /// <summary>Nano-units; what was charged for those calls. The difference is the margin.</summary>
    public long PurchaseCharged { get; init; }

    /// <summary>The sums of one record.</summary>
    public static UsageDailyRow Of(DateOnly day, UsageRecordRow record) => new()
    {
        Day = day,
        AccountId = record.AccountId,
        KeyId = record.KeyId,
        Model = record.Model,
        Requests = 1,
        PromptTokens = record.PromptTokens,
        CachedTokens = record.CachedTokens,
        CacheWriteTokens = record.CacheWriteTokens,
        CompletionTokens = record.CompletionTokens,
        ReasoningTokens = record.ReasoningTokens,
        Cost = record.Cost,
        Charged = record.Charged,
        PurchaseCost = record.PurchaseCost ?? 0,
        PurchaseCharged = record.PurchaseCost is null ? 0 : record.Charged,
    };

    /// <summary>The sums of both; they are of the same day, key and model.</summary>
    /// <exception cref="OverflowException">A sum does not fit in 64 bits.</exception>
    public UsageDailyRow Plus(UsageDailyRow other) => checked(new()
    {
        Day = Day,
        AccountId = AccountId,
        KeyId = KeyId,
        Model = Model,
        Requests = Requests + other.Requests,
        PromptTokens = PromptTokens + other.PromptTokens,
        CachedTokens = CachedTokens + other.CachedTokens,
        CacheWriteTokens = CacheWriteTokens + other.CacheWriteTokens,
        CompletionTokens = CompletionTokens + other.CompletionTokens,
        ReasoningTokens = ReasoningTokens + other.ReasoningTokens,
        Cost = Cost + other.Cost,
        Charged = Charged + other.Charged,
        PurchaseCost = PurchaseCost + other.PurchaseCost,
        PurchaseCharged = PurchaseCharged + other.PurchaseCharged,
    });
}
