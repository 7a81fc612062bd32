using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What callers see of holds and limits, on the embedded stores and on PostgreSQL with Redis.</summary>
public sealed partial class AdmissionTests
{
    public static TheoryData<GatewayStores> Stores => [GatewayStores.Embedded, GatewayStores.Servers];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task RequestsPerMinute_OverTheLimit_Answers429AndCountsForNothing(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync(key: new { name = "limited", requestsPerMinute = 2 });

        foreach (var left in new[] { "1", "0" })
        {
            using var answer = await account.ChatAsync("x");
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            answer.Headers.GetValues("x-ratelimit-limit-requests").Should().Equal("2");
            answer.Headers.GetValues("x-ratelimit-remaining-requests").Should().Equal(left);
            answer.Headers.GetValues("x-ratelimit-reset-requests").Single().Should().MatchRegex("^(1m0|[0-9.]+)s$");
        }

        using var refused = await account.ChatAsync("x");

        await refused.ShouldFailAsync(429, "rate_limit_error", "rate_limit_exceeded");
        refused.Headers.RetryAfter!.Delta.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        refused.Headers.GetValues("x-ratelimit-remaining-requests").Should().Equal("0");
        (await account.UsageAsync(2)).Should().HaveCount(2);
        await account.ShouldAddUpAsync();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task TokensPerMinute_CallsThatUseLessThanTheirBound_GiveTheRestBackAtTheirEnd(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync(key: new { name = "limited", tokensPerMinute = 3000 });

        for (var i = 0; i < 3; i++)
        {
            using var answer = await account.ChatAsync("x", members: ",\"max_tokens\":2000");
            answer.StatusCode.Should().Be(HttpStatusCode.OK, "call {0} fits beside what those before it have used", i);
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task MaxConcurrent_SlotOfACallerWhoLeft_IsFreeAgain(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync(key: new { name = "one at a time", maxConcurrent = 1 });
        using (await account.ChatAsync("x+chunks=100000+delay=5", stream: true))
        {
            using var refused = await account.ChatAsync("x");
            await refused.ShouldFailAsync(429, "rate_limit_error", "rate_limit_exceeded");
        }

        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await account.ChatAsync("x");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "the slot back");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Balance_TooSmallForTheHold_NamesTheMaxTokensThatFit(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync(credit: "0.001");

        using var refused = await account.ChatAsync("x", members: ",\"max_tokens\":1000000");
        var error = await refused.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");

        refused.Headers.GetValues("x-should-retry").Should().Equal("false");
        error.Message.Should().Contain("0.001 USD is available");
        var affordable = long.Parse(MaxTokens().Match(error.Message).Groups[1].Value, CultureInfo.InvariantCulture);

        // The prompt is bounded by the body's bytes, and this body is a few digits shorter than the refused one.
        using var more = await account.ChatAsync("x", members: $",\"max_tokens\":{affordable + 10}");
        more.StatusCode.Should().Be(HttpStatusCode.PaymentRequired);
        using var fits = await account.ChatAsync("x", members: $",\"max_tokens\":{affordable}");
        fits.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    public static TheoryData<GatewayStores, bool> StoresAndLimits => new()
    {
        { GatewayStores.Embedded, false }, { GatewayStores.Embedded, true }, { GatewayStores.Servers, false }, { GatewayStores.Servers, true },
    };

    /// <summary>A call holds a little more than 0.002; one fits, and a second would fit if the first held nothing.</summary>
    [Theory]
    [MemberData(nameof(StoresAndLimits))]
    public async Task Money_ThatOnlyARunningCallHolds_IsWorthARetry(GatewayStores stores, bool ofSpendLimit)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync(
            credit: ofSpendLimit ? "10" : "0.003", key: new { name = "x", spendLimit = new { amount = ofSpendLimit ? "0.003" : "10", period = "day" } });
        const string Members = ",\"max_tokens\":1000";
        using (var running = await account.ChatAsync("x+chunks=100000+delay=5", stream: true, Members))
        {
            running.StatusCode.Should().Be(HttpStatusCode.OK);
            using var refused = await account.ChatAsync("x", members: Members);

            var error = await refused.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");
            error.Message.Should().Contain("running calls hold up to 0.00");
            (refused.Headers.GetValues("x-should-retry").Single(), refused.Headers.RetryAfter!.Delta).Should().Be(("true", TimeSpan.FromSeconds(1)));
            using var larger = await account.ChatAsync("x", members: ",\"max_tokens\":2000");
            (await larger.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota")).Message.Should().NotContain("running calls");
            larger.Headers.GetValues("x-should-retry").Should().Equal("false");
        }

        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await account.ChatAsync("x", members: ",\"max_tokens\":100");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "the rest of the hold back");
    }

    [Fact]
    public async Task Status_OfInsufficientQuota_IsTheConfiguredOne()
    {
        await using var gateway = await TestGateway.StartAsync("Quotas:InsufficientQuotaStatus=429");
        var account = await gateway.CreateAccountAsync(credit: "0");

        using var refused = await account.ChatAsync("x");

        await refused.ShouldFailAsync(429, "insufficient_quota", "insufficient_quota");
        refused.Headers.GetValues("x-should-retry").Should().Equal("false");
    }

    /// <summary>
    /// Each call holds 1,000 tokens of answer at 2 a million and its prompt's bound, 0.002 and less than 0.0003, so 0.0115 pays
    /// for five at a time. They go on until their callers leave, so all that fit are held together.
    /// </summary>
    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Calls_RacingForOneBalance_OnlyAsManyRunAsItPaysFor(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync(credit: "0.0115");

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ =>
            account.ChatAsync("x+chunks=100000+delay=5", stream: true, members: ",\"max_tokens\":1000")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).Should().Be(5);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.PaymentRequired).Should().Be(55);
        var running = await account.ReadAsync();
        decimal.Parse(running.GetProperty("available").GetString()!, CultureInfo.InvariantCulture).Should().BeGreaterThanOrEqualTo(0);
        foreach (var answer in answers)
        {
            answer.Dispose();
        }

        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count == 5, "a record of each call that ran");
        await Eventually.TrueAsync(async () => (await account.ReadAsync()).GetProperty("held").GetString() == "0", "every hold given back");
        await account.ShouldAddUpAsync();
        decimal.Parse((await account.ReadAsync()).GetProperty("balance").GetString()!, CultureInfo.InvariantCulture).Should().BeGreaterThanOrEqualTo(0);
    }

    [GeneratedRegex("Set max_tokens to ([0-9]+) or less")]
    private static partial Regex MaxTokens();
}
