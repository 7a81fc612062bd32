using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using MixGateway.Billing;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Bills by the days of Shanghai, eight hours ahead of UTC, and has three days' calls of two accounts.</summary>
public abstract class SummaryHost : ManagementHost
{
    internal List<UsageRecord> Records { get; } = [];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        var random = new Random(20261122);
        for (var a = 0; a < 2; a++)
        {
            var account = await Client.CreateAccountAsync();
            await Client.PostAsync($"/accounts/{account}/credits", """{"amount":"1"}""");
            string[] keys = [await KeyAsync(account), await KeyAsync(account)];
            for (var i = 0; i < 60; i++)
            {
                var startedAt = new DateTime(2026, 11, 20, 16, 0, 0, DateTimeKind.Utc).AddMilliseconds(random.NextInt64((long)TimeSpan.FromDays(3).TotalMilliseconds));
                Records.Add(SampleCalls.Call(account, keys[random.Next(2)], startedAt, $"demo:{(char)('A' + random.Next(3))}", random.Next(1, 1000)));
            }
        }

        await this.BookAsync(Records);
    }

    private protected override Task ConfigureAsync(WebApplicationBuilder builder)
    {
        builder.Configuration["Billing:TimeZone"] = "Asia/Shanghai";
        return Task.CompletedTask;
    }

    private async Task<string> KeyAsync(string account) => (await Client.PostAsync($"/accounts/{account}/keys", """{"name":"k"}""")).Id;
}

public sealed class SqliteSummaryHost : SummaryHost
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mixgateway-summary-{Guid.NewGuid():N}");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private protected override Task ConfigureAsync(WebApplicationBuilder builder)
    {
        builder.Configuration["Data:Path"] = _folder;
        return base.ConfigureAsync(builder);
    }
}

public sealed class PostgresSummaryHost : SummaryHost
{
    private protected override async Task ConfigureAsync(WebApplicationBuilder builder)
    {
        builder.Configuration["ConnectionStrings:Postgres"] = await PostgresManagementHost.NewDatabaseAsync();
        await base.ConfigureAsync(builder);
    }
}

public abstract class UsageSummaryTests(SummaryHost host)
{
    public static TheoryData<string?, string?> Periods => new()
    {
        { null, null },
        { "2026-11-20T16:00:00Z", "2026-11-23T16:00:00Z" },
        { "2026-11-21T16:00:00Z", "2026-11-22T16:00:00Z" },
        { "2026-11-21T03:14:15.926Z", null },
        { null, "2026-11-22T03:14:15.926Z" },
        { "2026-11-21T03:14:15.926Z", "2026-11-22T23:59:59.999Z" },
        { "2026-11-21T02:00:00Z", "2026-11-21T09:30:00Z" },
        { "2026-11-21T16:00:00Z", "2026-11-22T04:00:00Z" },
        { "2026-11-21T12:00:00Z", "2026-11-21T16:00:00Z" },
        { "2026-11-21T15:59:59.999Z", "2026-11-21T16:00:00.001Z" },
        { "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z" },
    };

    [Theory]
    [MemberData(nameof(Periods))]
    public async Task Summary_ByAnything_IsTheSumOfTheCalls(string? from, string? to)
    {
        foreach (var (groupBy, group) in Groups)
        {
            var sums = await host.Client.WalkAsync($"/usage/summary?groupBy={groupBy}{Parameter("from", from)}{Parameter("to", to)}", 2);

            var expected = host.Records
                .Where(record => (from is null || record.StartedAt >= Parse(from)) && (to is null || record.StartedAt < Parse(to)))
                .GroupBy(group)
                .OrderBy(calls => calls.Key, StringComparer.Ordinal)
                .Select(calls => (
                    calls.Key,
                    Requests: (long)calls.Count(),
                    Prompt: calls.Sum(call => call.Tokens.PromptTokens),
                    Cached: calls.Sum(call => call.Tokens.CachedTokens),
                    CacheWrite: calls.Sum(call => call.Tokens.CacheWriteTokens),
                    Completion: calls.Sum(call => call.Tokens.CompletionTokens),
                    Reasoning: calls.Sum(call => call.Tokens.ReasoningTokens),
                    Cost: new Money(calls.Sum(call => call.Cost.Nanos)).ToString()));
            sums.Select(sum => (
                    Key: sum.GetProperty("group").GetString()!,
                    Requests: Number(sum, "requests"),
                    Prompt: Number(sum, "promptTokens"),
                    Cached: Number(sum, "cachedTokens"),
                    CacheWrite: Number(sum, "cacheWriteTokens"),
                    Completion: Number(sum, "completionTokens"),
                    Reasoning: Number(sum, "reasoningTokens"),
                    Cost: sum.GetProperty("cost").GetString()!))
                .Should().Equal(expected, $"it is grouped by {groupBy}");
        }
    }

    [Theory]
    [MemberData(nameof(Periods))]
    public async Task Summary_ByAnything_ChargesTheSame(string? from, string? to)
    {
        var totals = new List<Money>();
        foreach (var (groupBy, _) in Groups)
        {
            var sums = await host.Client.WalkAsync($"/usage/summary?groupBy={groupBy}{Parameter("from", from)}{Parameter("to", to)}", 500);
            totals.Add(sums.Aggregate(Money.Zero, (total, sum) => total + Money.Parse(sum.GetProperty("charged").GetString())));
        }

        totals.Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Summary_OfAll_ChargesWhatTheLedgersSay()
    {
        var sums = await host.Client.WalkAsync("/usage/summary?groupBy=account", 500);
        foreach (var sum in sums)
        {
            var ledger = await host.Client.WalkAsync($"/accounts/{sum.GetProperty("group").GetString()}/ledger", 100);
            var used = ledger.Where(entry => entry.GetProperty("kind").GetString() == "usage")
                .Aggregate(Money.Zero, (total, entry) => total - Money.Parse(entry.GetProperty("amount").GetString()));
            sum.GetProperty("charged").GetString().Should().Be(used.ToString());
        }

        sums.Should().HaveCount(2);
    }

    [Theory]
    [InlineData("", "groupBy")]
    [InlineData("groupBy=hour&from=x", "groupBy", "from")]
    [InlineData("groupBy=Day", "groupBy")]
    [InlineData("groupBy=1", "groupBy")]
    [InlineData("groupBy=day&from=2026-11-22T12:00:00Z&to=2026-11-21T12:00:00Z", "to")]
    [InlineData("groupBy=day&cursor=Zm9v", "cursor")]
    [InlineData("groupBy=key&cursor=Zm9v", "cursor")]
    [InlineData("groupBy=model&limit=501", "limit")]
    public async Task Summary_WithBadQuery_NamesEachParameter(string query, params string[] fields)
    {
        var answer = await host.Client.GetAsync($"/usage/summary?{query}");

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorFields.Should().BeEquivalentTo(fields);
    }

    private static (string GroupBy, Func<UsageRecord, string> Group)[] Groups =>
    [
        ("day", record => record.StartedAt.AddHours(8).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ("model", record => record.Model),
        ("key", record => record.KeyId.ToString()),
        ("account", record => record.AccountId.ToString()),
    ];

    private static long Number(JsonElement sum, string member) => sum.GetProperty(member).GetInt64();

    private static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={value}";

    private static DateTime Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime;
}

public sealed class UsageSummaryOnSqliteTests(SqliteSummaryHost host) : UsageSummaryTests(host), IClassFixture<SqliteSummaryHost>;

public sealed class UsageSummaryOnPostgresTests(PostgresSummaryHost host) : UsageSummaryTests(host), IClassFixture<PostgresSummaryHost>;
