using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Connections;

/// <summary>One provider with one credential that speaks HTTP/2 and loses requests in the ways that real ones do.</summary>
public sealed class Http2LossTests
{
    private const int RefusedStream = 7;
    private const int InternalError = 2;
    private const int Cancel = 8;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_WoundDownAfterTwentyRequests_AnswerEveryCallAndSeeItOnce(bool secured)
    {
        const int Calls = 2000;
        const int Callers = 64;

        // Of the twentieth request: clients number them 1, 3, 5, …
        const int LastStream = 39;
        var seen = new ConcurrentQueue<string>();
        await using var provider = new Http2Provider(
            async exchange =>
            {
                if (exchange.StreamId > LastStream)
                {
                    return;
                }

                seen.Enqueue(exchange.Body);
                if (exchange.StreamId == LastStream)
                {
                    await exchange.Connection.GoAwayAsync(LastStream);
                }

                await exchange.RespondAsync();
            },
            new Http2ProviderOptions { Certificate = secured ? TestCertificate.Create() : null });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        var statuses = new ConcurrentQueue<HttpStatusCode>();
        await Parallel.ForAsync(0, Calls, new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (i, _) =>
        {
            using var response = await account.ChatAsync($"call-{i}", provider: "h2");
            statuses.Enqueue(response.StatusCode);
        });

        statuses.Should().HaveCount(Calls).And.OnlyContain(status => status == HttpStatusCode.OK);
        seen.Should().HaveCount(Calls).And.OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Stream_ThatIsRefused_IsSentAgainAndCountsAsOneAttempt(int times)
    {
        var refusals = new ConcurrentDictionary<string, int>();
        await using var provider = new Http2Provider(exchange =>
            refusals.AddOrUpdate(exchange.Body, 1, static (_, count) => count + 1) <= times ? exchange.ResetAsync(RefusedStream) : exchange.RespondAsync());
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        await Parallel.ForAsync(0, 100, async (i, _) =>
        {
            using var response = await account.ChatAsync($"call-{i}", provider: "h2");
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        });

        provider.Exchanges.Should().Be(100 * (times + 1));
        (await account.UsageAsync(100)).Select(CallRecord.Of).Should().HaveCount(100).And.OnlyContain(record => record.Attempts == 1);
    }

    [Fact]
    public async Task Stream_ThatIsRefusedForEver_EndsWithAnErrorAndABoundedNumberOfRequests()
    {
        await using var provider = new Http2Provider(static exchange => exchange.ResetAsync(RefusedStream));
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "h2");

        await response.ShouldFailAsync(502, "upstream_error", "upstream_error");
        provider.Exchanges.Should().BeInRange(4, 28);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", Cost = "0", Attempts = 1 });
        (await gateway.ReadMetricsAsync()).Should().Contain(sample =>
            sample.Name.StartsWith("mixgateway_upstream_resends", StringComparison.Ordinal) && sample.Has("reason", "stream_refused") && sample.Value >= 4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_LostUnderWaitingCalls_AreReplacedOnce(bool secured)
    {
        const int Calls = 20;
        await using var provider = new Http2Provider(
            static exchange => exchange.Number <= Calls ? Task.CompletedTask : exchange.RespondAsync(),
            new Http2ProviderOptions { Certificate = secured ? TestCertificate.Create() : null });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        var calls = Enumerable.Range(0, Calls).Select(i => account.ChatAsync($"call-{i}", provider: "h2")).ToArray();
        await Eventually.TrueAsync(() => Task.FromResult(provider.Bodies.Count == Calls), "all calls wait");
        provider.BreakAll();

        foreach (var call in calls)
        {
            using var response = await call;
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        provider.Exchanges.Should().Be(2 * Calls);
        (await account.UsageAsync()).Select(CallRecord.Of).Should().HaveCount(Calls).And.OnlyContain(record => record.Attempts == 2);
        var destination = (await gateway.GetAsync("/api/v1/providers")).GetProperty("data").EnumerateArray().Single(static p => p.GetProperty("name").GetString() == "h2")
            .GetProperty("destinations")[0];
        destination.GetProperty("health").GetString().Should().NotBe("unhealthy", "a lost connection says nothing about the credential");
        destination.GetProperty("lastErrors").GetArrayLength().Should().BePositive("the operator sees it");
    }

    [Theory]
    [InlineData(InternalError, true, 2, 200)]
    [InlineData(Cancel, true, 2, 200)]
    [InlineData(0, true, 2, 200)]
    [InlineData(InternalError, false, 1, 502)]
    public async Task Stream_ThatIsResetWithoutAnAnswer_IsSentAgainOnceUnlessTheSettingsSayNo(int code, bool resends, int requests, int status)
    {
        await using var provider = new Http2Provider(exchange => exchange.Number == 1 ? exchange.ResetAsync(code) : exchange.RespondAsync());
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2", $"ResendUnanswered={resends}"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "h2");

        ((int)response.StatusCode).Should().Be(status);
        provider.Exchanges.Should().Be(requests);
        (await account.OnlyCallAsync()).Attempts.Should().Be(requests);
    }

    [Fact]
    public async Task Stream_ThatIsAlwaysReset_IsSentTwice()
    {
        await using var provider = new Http2Provider(static exchange => exchange.ResetAsync(InternalError));
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "h2");

        await response.ShouldFailAsync(502, "upstream_error", "upstream_error");
        provider.Exchanges.Should().Be(2);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", Cost = "0", Attempts = 2 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_ThatBreaksOffAfterItsHeaders_IsAskedForOnceMore(bool connectionBreaks)
    {
        await using var provider = new Http2Provider(async exchange =>
        {
            if (exchange.Number > 1)
            {
                await exchange.RespondAsync();
                return;
            }

            await exchange.HeadersAsync(200, "application/json");
            await exchange.DataAsync("{\"id\"");
            if (connectionBreaks)
            {
                exchange.Connection.Break();
            }
            else
            {
                await exchange.ResetAsync(InternalError);
            }
        });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "h2");
        var answer = await response.Content.ReadAsStringAsync();

        response.StatusCode.Should().Be(HttpStatusCode.OK, answer);
        JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("model").GetString().Should().Be("h2:m");
        (await account.OnlyCallAsync()).Attempts.Should().Be(2);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1)]
    public async Task Answer_OfAnotherLengthThanItSays_IsNoAnswer(int length)
    {
        await using var provider = new Http2Provider(async exchange =>
        {
            await exchange.HeadersAsync(200, "application/json", length);
            await exchange.DataAsync("{\"id\"", ends: true);
        });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "h2");

        await response.ShouldFailAsync(502, "upstream_error", "upstream_error");
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", Cost = "0" });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_ThatFallsSilent_IsFoundAndTheCallsGoAgain(bool secured)
    {
        const int Calls = 5;
        await using var provider = new Http2Provider(
            exchange =>
            {
                if (exchange.Connection.Number > 1)
                {
                    return exchange.RespondAsync();
                }

                if (exchange.Number == Calls)
                {
                    exchange.Connection.FallSilent();
                }

                return Task.CompletedTask;
            },
            new Http2ProviderOptions { Certificate = secured ? TestCertificate.Create() : null });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var responses = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => account.ChatAsync($"call-{i}", provider: "h2")));

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20), "pings find it within 15 s, and the machine may be busy");
        responses.Should().OnlyContain(static response => response.StatusCode == HttpStatusCode.OK);
        provider.Exchanges.Should().Be(2 * Calls);
        foreach (var response in responses)
        {
            response.Dispose();
        }
    }
}
