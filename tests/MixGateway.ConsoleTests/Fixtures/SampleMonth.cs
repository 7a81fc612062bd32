using Microsoft.Extensions.DependencyInjection;
using MixGateway.Billing;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>Calls of the last 30 days and of the last half hour, as a real account has them: charts and lists are judged by what fills them.</summary>
internal static class SampleMonth
{
    private const int Days = 30;

    private static readonly (string Model, TokenPrices Prices, int FirstTokenMs)[] Models =
    [
        ("deepseek:deepseek-chat", Prices(280, 28, 420), 480),
        ("openai:gpt-5-mini", Prices(250, 25, 2000), 390),
        ("anthropic:claude-haiku-4.5", Prices(1000, 100, 5000), 560),
    ];

    /// <summary>Books them; the id of a call that has every kind of token and every phase.</summary>
    /// <param name="recent">How many calls the last half hour has.</param>
    public static async Task<string> BookAsync(TestGateway gateway, Guid accountId, Guid keyId, int recent = 9)
    {
        var random = new Random(7);
        var now = DateTime.UtcNow;
        List<UsageRecord> records = [];
        for (var day = Days - 1; day >= 0; day--)
        {
            var start = now.AddDays(-day);
            var isWeekend = start.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
            var calls = (isWeekend ? 3 : 9) + random.Next(isWeekend ? 3 : 8) + ((Days - day) / 5);
            records.AddRange(Enumerable.Range(0, calls).Select(_ => Call(random, start.AddMinutes(-random.Next(1, 600)), accountId, keyId)));
        }

        records.AddRange(Enumerable.Range(0, recent).Select(i => Call(random, now.AddSeconds(-1800.0 * i / recent), accountId, keyId)));
        var shown = Call(random, now.AddSeconds(-5), accountId, keyId) with
        {
            Status = CallStatus.Completed,
            ErrorCode = null,
            HttpStatus = 200,
            UsageSource = UsageSource.Reported,
            AdmissionMs = 4,
            FirstTokenMs = 412,
            DurationMs = 2680,
            SettlementMs = 6,
        };
        var books = gateway.Services.GetRequiredService<IBooks>();
        foreach (var booked in records.Append(shown).Select(record => books.BookAsync(record).AsTask()).ToList())
        {
            (await booked).Should().Be(BookingResult.Booked);
        }

        return shown.RequestId.ToString();
    }

    private static UsageRecord Call(Random random, DateTime at, Guid accountId, Guid keyId)
    {
        var (model, prices, first) = Models[random.Next(100) switch { < 55 => 0, < 85 => 1, _ => 2 }];
        var id = Guid.CreateVersion7(new DateTimeOffset(at));
        var prompt = random.Next(300, 6000);
        var tokens = new TokenUsage(prompt, prompt / 3, 0, random.Next(80, 1400), random.Next(0, 60));
        var cost = CostCalculator.Cost(tokens, prices, 0);
        var failed = random.Next(40) == 0;
        first += random.Next(-120, 260);
        return new UsageRecord
        {
            RequestId = id,
            AccountId = accountId,
            KeyId = keyId,
            Provider = model.Split(':')[0],
            Model = model,
            Stream = true,
            Status = failed ? CallStatus.Failed : random.Next(25) == 0 ? CallStatus.Aborted : CallStatus.Completed,
            UsageSource = failed ? UsageSource.None : UsageSource.Reported,
            Tokens = failed ? default : tokens,
            Prices = prices,
            RequestPrice = 0,
            Currency = "USD",
            Cost = failed ? Money.Zero : cost,
            PurchaseCost = failed ? Money.Zero : new Money(cost.Nanos * 7 / 10),
            CatalogRevision = 1,
            StartedAt = UsageRecord.StartOf(id),
            AdmissionMs = random.Next(1, 8),
            FirstTokenMs = failed ? null : first,
            DurationMs = first + random.Next(600, 5200),
            SettlementMs = random.Next(1, 9),
            HttpStatus = failed ? 502 : 200,
            ErrorCode = failed ? "upstream_error" : null,
            Attempts = failed ? 3 : 1,
        };
    }

    /// <summary>In thousandths of a dollar per million tokens.</summary>
    private static TokenPrices Prices(long input, long cached, long output) =>
        new(input * 1_000_000, cached * 1_000_000, input * 1_000_000, output * 1_000_000, output * 1_000_000);
}
