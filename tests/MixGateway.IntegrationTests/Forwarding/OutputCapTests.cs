using System.Globalization;
using System.Net;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>With Quotas:CapOutputToBalance a call gets the answer that its money pays for, on both kinds of stores.</summary>
public sealed class OutputCapTests
{
    private const string Setting = "Quotas:CapOutputToBalance=true";

    public static TheoryData<GatewayStores> Stores => [GatewayStores.Embedded, GatewayStores.Servers];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Call_DearerThanTheBalance_IsSentWithTheAnswerThatItPays(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, Setting]);
        (string Sent, string Member, int Choices)[] bodies =
        [
            ("""{"model":"sim:m","messages":[]}""", "max_tokens", 1),
            ("""{"model":"sim:m","messages":[],"max_tokens":100000}""", "max_tokens", 1),
            ("""{ "max_completion_tokens" : 100000,"model":"sim:m", "messages":[],"stream":true,"stream_options":{"include_usage":true}}""", "max_completion_tokens", 1),
            ("""{"model":"sim:m","max_tokens":100000,"n":3,"messages":[],"max_tokens":100000}""", "max_tokens", 3),
        ];
        foreach (var (sent, member, choices) in bodies)
        {
            var account = await gateway.CreateAccountAsync(credit: "0.01");

            using var response = await account.PostAsync(sent);
            await response.Content.ReadAsStringAsync();

            response.StatusCode.Should().Be(HttpStatusCode.OK);
            var received = gateway.Upstream.State.LastRequest.Text;
            var cap = JsonSerializer.Deserialize<JsonElement>(received).GetProperty(member).GetInt64();
            (cap * 2000 * choices).Should().BeInRange(9_500_000, 10_000_000, "the prompt costs little and the rest is for the answer");
            var expected = sent.Replace("sim:m", "m", StringComparison.Ordinal).Replace("100000", cap.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            received.Should().Be(expected == sent.Replace("sim:m", "m", StringComparison.Ordinal) ? expected.Insert(1, $"\"max_tokens\":{cap},") : expected);
            (await account.OnlyCallAsync()).Status.Should().Be("completed");
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Call_BeyondASpendLimit_IsCappedToWhatIsLeftOfIt(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, Setting]);
        var account = await gateway.CreateAccountAsync(key: new { name = "limited", spendLimit = new { amount = "0.001", period = "day" } });

        using var response = await account.PostAsync("""{"model":"sim:m","messages":[],"max_tokens":100000}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        JsonSerializer.Deserialize<JsonElement>(gateway.Upstream.State.LastRequest.Text).GetProperty("max_tokens").GetInt64().Should().BeInRange(450, 500);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Call_ThatCannotPayOneToken_IsRefused(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, Setting]);
        var account = await gateway.CreateAccountAsync(credit: "0.00001");
        var rich = await gateway.CreateAccountAsync(credit: "1");

        using var refused = await account.PostAsync("""{"model":"sim:m","messages":[]}""");
        using var untouched = await rich.PostAsync("""{"model":"sim:m","messages":[],"max_tokens":100}""");

        await refused.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");
        (await account.UsageAsync()).Should().BeEmpty();
        untouched.StatusCode.Should().Be(HttpStatusCode.OK);
        gateway.Upstream.State.LastRequest.Text.Should().Contain("\"max_tokens\":100}");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Calls_ThatRace_NeverHoldMoreThanTheBalance(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, Setting]);
        var account = await gateway.CreateAccountAsync(credit: "0.01");

        var responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => account.ChatAsync("sim+chunks=3+delay=100", stream: true)));
        foreach (var response in responses)
        {
            (await response.Content.ReadAsStringAsync()).Should().NotBeEmpty();
            response.StatusCode.Should().BeOneOf(HttpStatusCode.OK, HttpStatusCode.PaymentRequired);
            response.Dispose();
        }

        responses.Should().Contain(response => response.StatusCode == HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => (await gateway.InspectAsync(account)).Held == Billing.Money.Zero, "every hold is given back");
        await account.ShouldAddUpAsync();
        CallRecords.Nanos((await account.ReadAsync()).GetProperty("balance").GetString()!).Should().BeGreaterThanOrEqualTo(0);
    }

    [Fact]
    public async Task Embedding_DearerThanTheBalance_IsRefusedAndNeverCapped()
    {
        await using var gateway = await TestGateway.StartAsync(Setting);
        var account = await gateway.CreateAccountAsync(credit: "0.000001");

        using var response = await account.PostAsync("""{"model":"sim:m","input":"hello hello hello"}""", "/v1/embeddings");

        await response.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");
    }

    [Fact]
    public async Task Call_WithoutTheSetting_IsRefused()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync(credit: "0.01");

        using var response = await account.PostAsync("""{"model":"sim:m","messages":[]}""");

        (await response.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota")).Message.Should().Contain("Set max_tokens to");
    }

    [Fact]
    public async Task Fields_ToRemove_DoNotReachTheProvider()
    {
        await using var gateway = await TestGateway.StartAsync("Providers:sim:RemovedFields:0=models", "Providers:sim:RemovedFields:1=service_tier");
        var account = await gateway.CreateAccountAsync();

        using var response = await account.PostAsync("""{"models":["other/model"], "model":"sim:m","messages":[] ,"service_tier":"flex","seed":1e0}""");
        using var refused = await account.PostAsync("""{"model":"sim:m","messages":[],"background":true}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        gateway.Upstream.State.LastRequest.Text.Should().Be("""{"model":"m","messages":[],"seed":1e0}""");
        await refused.ShouldFailAsync(400, "invalid_request_error", null, "background");
    }
}
