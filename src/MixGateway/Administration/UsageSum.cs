using MixGateway.Billing;

namespace MixGateway.Administration;

/// <summary>What calls are summed by.</summary>
internal enum UsageGroup
{
    Day,
    Model,
    Key,
    Account,
}

/// <summary>The sums of a group of calls.</summary>
/// <param name="Group">The day (<c>2026-11-22</c>, in the billing time zone), the canonical model, or the id of the key or account.</param>
internal sealed record UsageSum(
    string Group,
    long Requests,
    long PromptTokens,
    long CachedTokens,
    long CacheWriteTokens,
    long CompletionTokens,
    long ReasoningTokens,
    Money Cost,
    Money Charged)
{
    /// <summary>What calls are worth beyond what balances and spend limits let them be charged.</summary>
    public Money Uncollected => Cost - Charged;
}
