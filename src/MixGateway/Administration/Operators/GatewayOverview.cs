using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.Administration.Operators;

/// <summary>The calls that started in a minute and are booked by now.</summary>
/// <param name="At">The minute's beginning, UTC.</param>
internal sealed record UsageMinute(DateTime At, long Requests, long Errors, long PromptTokens, long CompletionTokens, Money Charged)
{
    public long Tokens => PromptTokens + CompletionTokens;
}

/// <summary>How often calls ended with an error.</summary>
internal sealed record ErrorCount(string Code, long Calls);

/// <summary>The hot store as this replica sees it.</summary>
/// <param name="Calls">Calls that run or wait for the database, of all replicas, as the last sweep counted them.</param>
/// <param name="MemoryUsed">From 0 to 1.</param>
internal sealed record HotStoreView(HotStoreKind Kind, HotStoreClosure Closure, long Calls, double MemoryUsed);

/// <summary>The books of this replica.</summary>
/// <param name="Unbooked">Records that wait for the database.</param>
/// <param name="OldestAge">How long the oldest of them has waited.</param>
/// <param name="Rejected">Records that the database refused and that wait for a person, of all replicas.</param>
internal sealed record BooksView(bool DatabaseAnswers, int Unbooked, TimeSpan OldestAge, long Rejected);

/// <summary>A gateway on this database.</summary>
/// <param name="SeenAt">UTC; its last sign of life.</param>
internal sealed record ReplicaView(string Host, string HotStore, DateTime SeenAt);

/// <summary>The whole gateway at a glance.</summary>
/// <param name="Minutes">The last half hour, minute by minute; the last of them is not over.</param>
/// <param name="Today">The sums of the billing day so far.</param>
/// <param name="Errors">Of the last half hour, the most frequent first.</param>
internal sealed record GatewayOverview(
    DateTime At,
    string Currency,
    IReadOnlyList<UsageMinute> Minutes,
    UsageSum Today,
    IReadOnlyList<ErrorCount> Errors,
    HotStoreView HotStore,
    BooksView Books,
    IReadOnlyList<ReplicaView> Replicas,
    IReadOnlyList<ProviderEntry> Providers,
    CatalogEntry Catalog)
{
    private const int RateMinutes = 5;

    /// <summary>The mean of the last five minutes that are over.</summary>
    public double PerMinute(Func<UsageMinute, double> value) => Minutes.SkipLast(1).TakeLast(RateMinutes).Average(value);
}
