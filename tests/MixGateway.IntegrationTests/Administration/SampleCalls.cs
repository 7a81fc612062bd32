using MixGateway.Billing;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Records as the gateway offers them to the books.</summary>
internal static class SampleCalls
{
    /// <summary>A call that costs 0.003 a prompt token.</summary>
    public static UsageRecord Call(string account, string key, DateTime startedAt, string model = "demo:echo", long promptTokens = 10) => new()
    {
        RequestId = Guid.CreateVersion7(new DateTimeOffset(startedAt)),
        AccountId = Guid.Parse(account),
        KeyId = Guid.Parse(key),
        Provider = model.Split(':')[0],
        Model = model,
        Stream = true,
        Status = CallStatus.Completed,
        UsageSource = UsageSource.Reported,
        Tokens = new TokenUsage(promptTokens, 4, 3, 20, 5),
        Prices = new TokenPrices(3_000_000_000_000, 280_000_000, 1, 2_500_000_000, 0),
        RequestPrice = 10_000_000,
        Currency = "USD",
        Cost = new Money(promptTokens * 3_000_000),
        CatalogRevision = 3,
        StartedAt = startedAt,
        DurationMs = 1200,
        FirstTokenMs = 150,
        HttpStatus = 200,
        Attempts = 1,
    };

    public static async Task BookAsync(this ManagementHost host, params IEnumerable<UsageRecord> records)
    {
        foreach (var booking in records.Select(record => host.Books.BookAsync(record).AsTask()).ToList())
        {
            (await booking).Should().Be(BookingResult.Booked);
        }
    }
}
