using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>Another credential, then another model, as long as nothing went to the caller.</summary>
public sealed class FailoverTests(FailoverTests.TwoWays shared) : IClassFixture<FailoverTests.TwoWays>
{
    private const string Failure = "sim+error=500";

    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("error=401", false)]
    [InlineData("error=402", false)]
    [InlineData("error=403", true)]
    [InlineData("error=429", false)]
    [InlineData("error=429", true)]
    [InlineData("error=500", true)]
    [InlineData("error=503+errorbody=html", false)]
    [InlineData("reset=1", false)]
    [InlineData("reset=1", true)]
    [InlineData("hang=1", false)]
    [InlineData("hang=1", true)]
    [InlineData("ok200error=1", false)]
    [InlineData("ok200error=1", true)]
    public async Task Credential_ThatFails_IsFollowedByTheOther(string fault, bool stream)
    {
        var account = await _gateway.CreateAccountAsync();
        var script = $"sim+{fault}+fail=1+text=f{Guid.NewGuid():N}";
        var body = """{ "messages":[{"role":"user","content":"é \u00e9"}],"stream":""" + (stream ? "true" : "false")
            + ",\"stream_options\":{\"include_usage\":true},\"model\" : \"pool:" + script + "\",\"seed\":1e5 }";

        using var response = await account.PostAsync(body);
        var answer = await response.Content.ReadAsStringAsync();

        response.StatusCode.Should().Be(HttpStatusCode.OK, answer);
        answer.Should().Contain($"\"pool:{script}\"").And.NotContain("upstream_error");
        (stream ? answer.TrimEnd() : "[DONE]").Should().EndWith("[DONE]");
        var sent = _gateway.Upstream.State.Requests.Where(request => request.Text.Contains(script, StringComparison.Ordinal)).ToList();
        sent.Should().HaveCount(2).And.OnlyContain(request => request.Text == body.Replace("pool:sim", "sim", StringComparison.Ordinal));
        sent.Select(request => request.Header("Authorization")).Should().OnlyHaveUniqueItems();
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "completed", HttpStatus = 200, ErrorCode = (string?)null, Attempts = 2, Model = "pool:" + script });
        CallRecords.Nanos(record.Cost).Should().Be(record.ExpectedNanos).And.BePositive();
    }

    [Theory]
    [InlineData("unreachable", false, 2)]
    [InlineData("unreachable", true, 2)]
    [InlineData("broken", false, 2)]
    [InlineData("broken", true, 2)]
    [InlineData("cut", false, 3)]
    [InlineData("strict", false, 2)]
    public async Task Model_ThatIsDown_IsFollowedByTheNextAndTheBillIsTheAnswerersOwn(string alias, bool stream, int attempts)
    {
        var account = await _gateway.CreateAccountAsync();
        var text = new string('x', 200_000);
        var member = stream ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "";
        var body = $$"""{"model":"{{alias}}","messages":[{"role":"user","content":"{{text}}"}],"max_tokens":100{{member}}}""";

        using var response = await account.PostAsync(body);
        var answer = await response.Content.ReadAsStringAsync();

        response.StatusCode.Should().Be(HttpStatusCode.OK, answer);
        var model = stream ? Calls.Events(answer)[0] : JsonSerializer.Deserialize<JsonElement>(answer);
        model.GetProperty("model").GetString().Should().Be("dear:second");
        _gateway.Upstream.State.LastRequest.Text.Should().Be(body.Replace($"\"{alias}\"", "\"second\"", StringComparison.Ordinal));
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "completed", Provider = "dear", Model = "dear:second", Attempts = attempts });
        CallRecords.Nanos(record.Cost).Should().Be(record.ExpectedNanos * 10).And.BePositive();
    }

    [Theory]
    [InlineData("all-unreachable", 502, "upstream_error", "upstream_unreachable", 2)]
    [InlineData("all-limited", 429, "rate_limit_error", "upstream_rate_limited", 2)]
    [InlineData("all-refusing", 502, "upstream_error", "upstream_error", 2)]
    [InlineData("all-broken", 502, "upstream_error", "upstream_error", 2)]
    [InlineData("all-silent", 504, "upstream_error", "upstream_timeout", 2)]
    public async Task Models_ThatAllFail_AnswerWithTheLastOnesErrorAndCostNothing(string alias, int status, string type, string code, int attempts)
    {
        foreach (var stream in new[] { false, true })
        {
            var account = await _gateway.CreateAccountAsync();

            using var response = await account.PostAsync($$"""{"model":"{{alias}}","messages":[],"stream":{{(stream ? "true" : "false")}}}""");

            await response.ShouldFailAsync(status, type, code);
            response.Headers.Contains("x-request-id").Should().BeTrue();
            (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", HttpStatus = status, ErrorCode = code, Cost = "0", Attempts = attempts });
            (await _gateway.InspectAsync(account)).Held.Should().Be(Billing.Money.Zero);
        }
    }

    [Theory]
    [InlineData("error=400")]
    [InlineData("error=404")]
    [InlineData("error=413")]
    [InlineData("error=422")]
    [InlineData("error=404+errorbody=html")]
    public async Task Mistake_OfTheCallers_IsNotTriedAgain(string fault)
    {
        var account = await _gateway.CreateAccountAsync();
        var script = $"sim+{fault}+text=m{Guid.NewGuid():N}";

        using var response = await account.ChatAsync(script, provider: "pool");

        response.IsSuccessStatusCode.Should().BeFalse();
        _gateway.Upstream.State.CallsOf(script).Should().Be(1);
        (await account.OnlyCallAsync()).Attempts.Should().Be(1);
    }

    [Fact]
    public async Task Stream_ThatBreaksAfterItsFirstEvent_IsNotTriedAgain()
    {
        var account = await _gateway.CreateAccountAsync();
        var script = $"sim+chunks=5+cut=2+text=c{Guid.NewGuid():N}";

        using var response = await account.ChatAsync(script, stream: true, provider: "pool");
        var answer = await response.Content.ReadAsStringAsync();

        answer.Should().Contain("upstream_error").And.NotContain("[DONE]");
        _gateway.Upstream.State.CallsOf(script).Should().Be(1);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", HttpStatus = 200, Attempts = 1 });
    }

    [Fact]
    public async Task Attempts_OfALargePool_AreBoundedAndTheNextModelKeepsOne()
    {
        var account = await _gateway.CreateAccountAsync();
        var script = $"{Failure}+text=p{Guid.NewGuid():N}";
        using var alone = await account.ChatAsync(script, provider: "large");
        _gateway.Upstream.State.CallsOf(script).Should().Be(3);

        using var followed = await account.PostAsync("""{"model":"large-then-dear","messages":[]}""");

        alone.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        followed.StatusCode.Should().Be(HttpStatusCode.OK);
        var records = (await account.UsageAsync(2)).Select(CallRecord.Of);
        records.Select(record => (record.Provider, record.Attempts)).Should().BeEquivalentTo([("large", 3), ("dear", 3)]);
    }

    [Fact]
    public async Task Hold_OfAnAlias_CoversItsDearestModel()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0.0003");

        using var alias = await account.PostAsync("""{"model":"cheap-then-dear","messages":[],"max_tokens":100}""");
        using var alone = await account.PostAsync("""{"model":"sim:first","messages":[],"max_tokens":100}""");

        await alias.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");
        alone.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Model_ThatTheKeyMayNotUse_IsNotTried()
    {
        var account = await _gateway.CreateAccountAsync(key: new { name = "narrow", models = new[] { "dear:*" } });
        var other = await _gateway.CreateAccountAsync(key: new { name = "narrow", models = new[] { "broken:*" } });

        using var answered = await account.PostAsync("""{"model":"broken","messages":[]}""");
        using var failed = await other.PostAsync("""{"model":"broken","messages":[]}""");

        answered.StatusCode.Should().Be(HttpStatusCode.OK);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Model = "dear:second", Attempts = 1 });
        failed.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        (await other.OnlyCallAsync()).Should().BeEquivalentTo(new { Model = "broken:" + Failure, Attempts = 1 });
    }

    [Fact]
    public async Task Caller_WhoLeavesDuringAnAttempt_IsNotTriedFor()
    {
        var account = await _gateway.CreateAccountAsync();
        var script = $"sim+hang=1+text=l{Guid.NewGuid():N}";
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.ChatPath)
        {
            Content = new StringContent(Calls.ChatBody(script, provider: "patient"), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", account.Key);

        var call = _gateway.Client.SendAsync(request, leaving.Token);
        await Eventually.TrueAsync(() => Task.FromResult(_gateway.Upstream.State.CallsOf(script) == 1), "the provider is called");
        await leaving.CancelAsync();

        await call.Invoking(c => c).Should().ThrowAsync<OperationCanceledException>();
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "aborted", UsageSource = "estimated", CompletionTokens = 0, Attempts = 1 });
        _gateway.Upstream.State.CallsOf(script).Should().Be(1);
    }

    public sealed class TwoWays() : SharedGateway(static upstream =>
    [
        .. Provider("pool", upstream.BaseAddress, "ApiKeys:0=pool-secret-first", "ApiKeys:1=pool-secret-second", "FirstByteTimeout=00:00:01"),
        .. Provider("patient", upstream.BaseAddress, "ApiKeys:0=patient-secret-first", "ApiKeys:1=patient-secret-second", "OnDisconnect=Cancel"),
        .. Provider("large", upstream.BaseAddress, "ApiKeys:0=large-0", "ApiKeys:1=large-1", "ApiKeys:2=large-2", "ApiKeys:3=large-3", "ApiKeys:4=large-4"),
        .. Provider("broken", upstream.BaseAddress, "FirstByteTimeout=00:00:01"),
        .. Provider("strict", upstream.BaseAddress, "Cluster:HealthCheck:AvailableDestinationsPolicy=HealthyAndUnknown"),
        .. Provider("dead", ClosedPort(), "ConnectTimeout=00:00:02"),
        $"Providers:dear:BaseUrl={upstream.BaseAddress}",
        "Providers:dear:Models:*:InputPrice=10",
        "Providers:dear:Models:*:CachedInputPrice=1",
        "Providers:dear:Models:*:OutputPrice=20",
        .. Alias("unreachable", "dead:first", "dear:second"),
        .. Alias("broken", "broken:" + Failure, "dear:second"),
        .. Alias("cut", "broken:sim+cut=20", "dear:second"),
        .. Alias("strict", "strict:" + Failure, "dear:second"),
        .. Alias("cheap-then-dear", "sim:first", "dear:second"),
        .. Alias("large-then-dear", "large:" + Failure, "dear:second"),
        .. Alias("all-unreachable", "dead:first", "dead:second"),
        .. Alias("all-limited", "broken:sim+error=429", "sim:sim+error=429"),
        .. Alias("all-refusing", "broken:sim+error=401", "sim:sim+error=403"),
        .. Alias("all-broken", "broken:" + Failure, "sim:sim+error=503+errorbody=html"),
        .. Alias("all-silent", "broken:sim+hang=1+text=a", "broken:sim+hang=1"),
    ])
    {
        private static string[] Alias(string name, params string[] models) => [.. models.Select((model, i) => $"Aliases:{name}:{i}={model}")];

        private static Uri ClosedPort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1");
        }
    }
}
