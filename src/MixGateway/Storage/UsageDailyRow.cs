namespace MixGateway.Storage;

/// <summary>The sums of one day's records of a key and model, kept in the transaction that books them.</summary>
internal sealed class UsageDailyRow
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
}
