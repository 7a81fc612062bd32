using MixGateway.Billing;

namespace MixGateway.Administration.SelfService;

/// <summary>The sums of a day.</summary>
internal sealed record UsageDay(DateOnly Day, long Requests, long PromptTokens, long CompletionTokens, Money Charged);

/// <summary>What the sums of a period are shared out by.</summary>
internal enum UsageShareGroup
{
    Model,
    Key,
}

/// <summary>The sums of a model or key.</summary>
/// <param name="Name">The canonical name of the model, or the id of the key.</param>
internal sealed record UsageShare(string Name, long Requests, long PromptTokens, long CompletionTokens, Money Charged)
{
    public long Tokens => PromptTokens + CompletionTokens;
}

/// <summary>How a day's calls went.</summary>
/// <param name="FirstTokenMs">The mean of those that had an answer; null if none had.</param>
internal sealed record UsageQuality(DateOnly Day, long Calls, long Failed, long Answered, double? FirstTokenMs);

/// <summary>What a key was used for in the last 30 days.</summary>
/// <param name="LastDay">The last day on which it was used.</param>
internal sealed record KeyUsage(long Requests, Money Charged, DateOnly LastDay);

/// <summary>How far a spend limit is used up, by the calls that are on the books.</summary>
internal sealed record SpendSoFar(Money Spent, SpendLimit Limit)
{
    /// <summary>From 0 to 1.</summary>
    public double Share => Math.Clamp(Spent.Nanos / (double)Limit.Amount.Nanos, 0, 1);
}

/// <summary>What the keys of an account were used for, by the key's id; a key that was not used is not there.</summary>
internal sealed record KeyUsages(IReadOnlyDictionary<Guid, KeyUsage> ByKey);

/// <summary>An account at a glance: the last 30 days, the last of them today.</summary>
/// <param name="Week">The last seven days, the last of them today.</param>
internal sealed record AccountOverview(Account Account, IReadOnlyList<UsageDay> Days, IReadOnlyList<UsageShare> Models, IReadOnlyList<UsageQuality> Week)
{
    public bool HasCalls => Days.Any(static day => day.Requests > 0);

    /// <summary>The part of the last week's calls that failed; null if there were none.</summary>
    public double? ErrorRate => Week.Sum(static day => day.Calls) is var calls and > 0 ? Week.Sum(static day => day.Failed) / (double)calls : null;

    /// <summary>The mean time to the first token in the last week; null if nothing was answered.</summary>
    public double? FirstTokenMs => Week.Sum(static day => day.Answered) is var answered and > 0
        ? Week.Sum(static day => (day.FirstTokenMs ?? 0) * day.Answered) / answered
        : null;

    public Money SpentADay => new(SpentOver(Days.Count).Nanos / Days.Count);

    public Money SpentOver(int days) => new(Days.TakeLast(days).Sum(static day => day.Charged.Nanos));
}
