using System.Text.Json;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A usage record as the management API shows it.</summary>
internal sealed record CallRecord(
    string RequestId,
    string Provider,
    string Model,
    bool Stream,
    string Status,
    long PromptTokens,
    long CachedTokens,
    long CacheWriteTokens,
    long CompletionTokens,
    long ReasoningTokens,
    string UsageSource,
    string Cost,
    string Charged,
    int HttpStatus,
    string? ErrorCode,
    int? FirstTokenMs,
    int DurationMs,
    int Attempts)
{
    /// <summary>The price of tokens at the test gateway's prices, in nano-units.</summary>
    public long ExpectedNanos => ((PromptTokens - CachedTokens) * 1000) + (CachedTokens * 100) + (CompletionTokens * 2000);

    public static CallRecord Of(JsonElement record) => record.Deserialize<CallRecord>(JsonSerializerOptions.Web)!;
}

/// <summary>What the books hold after a call.</summary>
internal static class CallRecords
{
    /// <summary>The account's only record, as soon as it is there; fails if there are more, or if the money does not add up.</summary>
    public static async Task<CallRecord> OnlyCallAsync(this TestAccount account)
    {
        var records = await Eventually.GetAsync(async () => await account.UsageAsync() is { Count: > 0 } found ? found : null, "a usage record");
        records.Should().ContainSingle();
        await account.ShouldAddUpAsync();
        return CallRecord.Of(records[0]);
    }

    /// <summary>
    /// Every record was charged its cost by one entry of the ledger, and the ledger's sum is the balance: as soon as what a durable
    /// hot store has settled is in the database.
    /// </summary>
    public static async Task ShouldAddUpAsync(this TestAccount account)
    {
        var (calls, ledger) = await Eventually.GetAsync(() => ReadAsync(account), "the balance is the sum of the ledger");
        var charges = ledger.Where(entry => entry.GetProperty("kind").GetString() == "usage")
            .ToDictionary(entry => entry.GetProperty("requestId").GetString()!, entry => -Nanos(entry, "amount"));
        charges.Should().BeEquivalentTo(calls.Where(call => Nanos(call.Charged) != 0).ToDictionary(call => call.RequestId, call => Nanos(call.Charged)));
    }

    /// <summary>Records and ledger of one moment; null if a call was booked between the two, or is still to be.</summary>
    private static async Task<AccountBooks?> ReadAsync(TestAccount account)
    {
        var before = await account.LedgerAsync();
        var calls = (await account.UsageAsync()).Select(CallRecord.Of).ToList();
        var balance = Nanos(await account.ReadAsync(), "balance");
        var ledger = await account.LedgerAsync();
        return before.Count == ledger.Count && balance == ledger.Sum(entry => Nanos(entry, "amount")) ? new AccountBooks(calls, ledger) : null;
    }

    public static long Nanos(string money) => (long)(decimal.Parse(money, System.Globalization.CultureInfo.InvariantCulture) * 1_000_000_000m);

    private static long Nanos(JsonElement element, string name) => Nanos(element.GetProperty(name).GetString()!);

    private sealed record AccountBooks(List<CallRecord> Calls, IReadOnlyList<JsonElement> Ledger);
}
