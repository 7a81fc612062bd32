using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Races;

/// <summary>A limit of N and ten times as many callers at once, over three replicas; each limit on the key and on the account.</summary>
public sealed class LimitRaceTests
{
    private const int N = 12;

    /// <summary>The test gateway's prices of one token.</summary>
    private const int InputNanos = 1000;
    private const int OutputNanos = 2000;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(61);

    public static TheoryData<GatewayStores, bool> Everywhere => new()
    {
        { GatewayStores.Embedded, false },
        { GatewayStores.Embedded, true },
        { GatewayStores.Servers, false },
        { GatewayStores.Servers, true },
    };

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task RequestsPerMinute_RacingCalls_AreNInAWindowAndRefusedOnesCountForNothing(GatewayStores stores, bool ofAccount)
    {
        await using var replicas = await Replicas.StartAsync(stores);
        var account = await CreateAsync(replicas, ofAccount, new { requestsPerMinute = N });

        for (var window = 1; window <= 2; window++)
        {
            using var race = await Race.RunAsync(replicas, account, 10 * N, "x", stream: false);

            race.Admitted.Should().HaveCount(N);
            race.ShouldAllBeRefusedAs(429, "rate_limit_exceeded");
            await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count >= window * N, "a record of each call that ran");
            replicas.Pass(Window);
        }

        (await account.UsageAsync(2 * N)).Should().HaveCount(2 * N);
        await account.ShouldAddUpAsync();
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task TokensPerMinute_RacingCalls_AreAsManyAsTheirBoundsFit(GatewayStores stores, bool ofAccount)
    {
        const int Output = 2000;
        var members = $",\"max_tokens\":{Output}";
        await using var replicas = await Replicas.StartAsync(stores);
        var hold = await Race.HoldOfAsync(replicas, Race.Endless, stream: true, members);
        var tokens = ((hold - (Output * OutputNanos)) / InputNanos) + Output;
        var account = await CreateAsync(replicas, ofAccount, new { tokensPerMinute = ((N + 1) * tokens) - 1 });
        using (var race = await Race.RunAsync(replicas, account, 10 * N, Race.Endless, stream: true, members))
        {
            race.Admitted.Should().HaveCount(N);
            race.ShouldAllBeRefusedAs(429, "rate_limit_exceeded");
        }

        await ShouldStandStillAsync(replicas, account);
        await account.ShouldAddUpAsync();
    }

    /// <summary>Each call fits the limit by what it may cost, and each turns out to cost the whole limit.</summary>
    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task SpendLimit_CallsFarDearerThanTheirHolds_ChargeTheLimitTogetherAndShowTheRestAsUncollected(GatewayStores stores, bool ofAccount)
    {
        const int Callers = 20;
        const long Limit = 120_000_000;
        await using var replicas = await Replicas.StartAsync(stores);
        var account = await CreateAsync(replicas, ofAccount, new { spendLimit = new { amount = "0.12", period = ofAccount ? "day" : "total" } });

        using var race = await Race.RunAsync(replicas, account, Callers, "x+prompt=120000+first=1000", stream: false, ",\"max_tokens\":1000");

        // On a busy machine some come when others have ended, and the limit is used up by then.
        race.Admitted.Should().HaveCountGreaterThan(1);
        race.Refused.Should().NotContain(static error => error.Code != "insufficient_quota");
        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count >= race.Admitted.Count, "a record of each call");
        await ShouldStandStillAsync(replicas, account);
        var records = (await account.UsageAsync()).Select(CallRecord.Of).ToList();
        records.Sum(static record => CallRecords.Nanos(record.Charged)).Should().Be(Limit);
        records.Should().OnlyContain(static record => CallRecords.Nanos(record.Cost) > Limit);
        using var next = await replicas.Of(account, 1).ChatAsync("x", members: ",\"max_tokens\":1");
        (await ApiError.ReadAsync(next)).Code.Should().Be("insufficient_quota");
        await account.ShouldAddUpAsync();
        var sum = (await replicas.First.GetAsync($"/api/v1/usage/summary?groupBy=account&accountId={account.Id}")).GetProperty("data")[0];
        CallRecords.Nanos(sum.GetProperty("uncollected").GetString()!).Should().Be(records.Sum(static record => CallRecords.Nanos(record.Cost)) - Limit);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task MaxConcurrent_RacingCalls_AreNAtATimeAndTheirPlacesComeBackWhenTheyLeave(GatewayStores stores, bool ofAccount)
    {
        await using var replicas = await Replicas.StartAsync(stores);
        var account = await CreateAsync(replicas, ofAccount, new { maxConcurrent = N });

        for (var time = 1; time <= 2; time++)
        {
            using (var race = await Race.RunAsync(replicas, account, 10 * N, Race.Endless, stream: true))
            {
                race.Admitted.Should().HaveCount(N);
                race.ShouldAllBeRefusedAs(429, "rate_limit_exceeded");
            }

            await ShouldStandStillAsync(replicas, account);
        }

        (await account.UsageAsync(2 * N)).Should().HaveCount(2 * N);
        await account.ShouldAddUpAsync();
    }

    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task MaxConcurrent_ProviderThatDoesNotAnswer_GivesThePlaceBackAtItsTimeout(GatewayStores stores)
    {
        await using var replicas = await Replicas.StartAsync(stores, "Providers:sim:FirstByteTimeout=00:00:03");
        var account = await CreateAsync(replicas, ofAccount: false, new { maxConcurrent = 1 });
        var hanging = account.ChatAsync("x+hang=1");
        await Eventually.TrueAsync(async () => (await replicas.First.InspectAsync(account)).Held.Nanos > 0, "the call holds money");
        using var meanwhile = await replicas.Of(account, 1).ChatAsync("x");

        using var timedOut = await hanging;
        using var after = await replicas.Of(account, 2).ChatAsync("x");

        meanwhile.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        timedOut.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
        after.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task MaxConcurrent_GatewayKilled_GivesThePlacesBackWithinLeaseAndSweep()
    {
        string[] times = ["Quotas:Lease=00:00:03", "Quotas:Heartbeat=00:00:01", "Quotas:Sweep=00:00:01"];
        await using var replicas = await Replicas.StartAsync(GatewayStores.Servers, times);
        var account = await CreateAsync(replicas, ofAccount: false, new { maxConcurrent = N });
        await using var process = GatewayProcess.Start("Production",
        [
            .. replicas.Settings.Concat(times).Append($"Providers:sim:BaseUrl={replicas.First.Upstream.BaseAddress}").Append("Providers:sim:Models:*:InputPrice=1").Append("Providers:sim:Models:*:OutputPrice=2")
                .Append($"Data:Path={replicas.First.DataPath}/process").Select(static setting => "--" + setting),
        ]);
        using var caller = GatewayProcess.Client(await process.AddressAsync(), account.Key);
        var running = await Task.WhenAll(Enumerable.Range(0, N).Select(_ => StartEndlessAsync(caller)));
        running.Should().AllSatisfy(static answer => answer.StatusCode.Should().Be(HttpStatusCode.OK));
        using (var full = await Race.RunAsync(replicas, account, N, Race.Endless, stream: true))
        {
            full.Admitted.Should().BeEmpty();
        }

        await process.KillAsync();

        var clock = Stopwatch.StartNew();
        await Eventually.TrueAsync(async () => await RunningAsync(replicas, account) == 0, "the dead gateway's places are free");
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(3 + 1 + 4), "that is the lease, the sweep, and time for a busy machine");
        await ShouldStandStillAsync(replicas, account);
        using (var race = await Race.RunAsync(replicas, account, 2 * N, Race.Endless, stream: true))
        {
            race.Admitted.Should().HaveCount(N);
        }

        (await account.UsageAsync()).Count(static record => record.GetProperty("status").GetString() == "abandoned").Should().Be(N);
        Array.ForEach(running, static answer => answer.Dispose());
    }

    private static async Task<TestAccount> CreateAsync(Replicas replicas, bool ofAccount, object limits)
    {
        var account = await replicas.First.CreateAccountAsync();
        var path = ofAccount ? $"/api/v1/accounts/{account.Id}" : $"/api/v1/keys/{account.KeyId}";
        using var response = await replicas.First.Admin.PatchAsJsonAsync(path, limits);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return account;
    }

    private static async Task<HttpResponseMessage> StartEndlessAsync(HttpClient caller)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.ChatPath);
        request.Content = new StringContent(Calls.ChatBody(Race.Endless, stream: true), System.Text.Encoding.UTF8, "application/json");
        return await caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<long> RunningAsync(Replicas replicas, TestAccount account) =>
        (await replicas.First.Services.GetRequiredService<AccountStore>().SnapshotAsync(account.Id)).Value?.Running ?? -1;

    /// <summary>Waits until no call runs or waits, and nothing is held for one.</summary>
    private static Task ShouldStandStillAsync(Replicas replicas, TestAccount account) => Eventually.TrueAsync(
        async () => (await replicas.First.Services.GetRequiredService<AccountStore>().SnapshotAsync(account.Id)).Value is { Calls: 0, Running: 0, Held.Nanos: 0, Pending.Nanos: 0 },
        "no call is left in the hot store");
}
