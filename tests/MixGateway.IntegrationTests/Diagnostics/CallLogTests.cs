using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>One line a call, more on request, and content never but where it is allowed.</summary>
public sealed class CallLogTests : IDisposable
{
    private const string Prompt = "the-prompt-that-nobody-logs";

    private readonly LogFile _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Call_ThatEnds_HasOneLineWithItsIdsTimesTokensAndStatus()
    {
        await using var gateway = await TestGateway.StartAsync(_log.Settings);
        var account = await gateway.CreateAccountAsync();
        using var answer = await account.ChatAsync("logged+chunks=5", stream: true, $",\"user\":\"{Prompt}\"");
        await answer.Content.ReadAsStringAsync();

        var line = await _log.AwaitJsonAsync("CallEnded", answer.RequestId());

        line.GetProperty("AccountId").GetGuid().Should().Be(account.Id);
        line.GetProperty("KeyId").GetGuid().Should().Be(account.KeyId);
        line.GetProperty("Model").GetString().Should().Be("sim:logged+chunks=5");
        line.GetProperty("Status").GetString().Should().Be("Completed");
        line.GetProperty("HttpStatus").GetInt32().Should().Be(200);
        line.GetProperty("PromptTokens").GetInt64().Should().Be(2);
        line.GetProperty("CompletionTokens").GetInt64().Should().Be(5);
        line.GetProperty("DurationMs").GetInt32().Should().BeGreaterThanOrEqualTo(line.GetProperty("FirstTokenMs").GetInt32());
        _log.Text.Should().NotContain(Prompt).And.NotContain(account.Key).And.NotContain("CallDebug");
    }

    [Fact]
    public async Task Call_ThatIsRefused_HasALineToo()
    {
        await using var gateway = await TestGateway.StartAsync(_log.Settings);
        var poor = await gateway.CreateAccountAsync(credit: "0");
        using var answer = await poor.ChatAsync("refused");

        var line = await _log.AwaitJsonAsync("CallRefused", answer.RequestId());

        line.GetProperty("HttpStatus").GetInt32().Should().Be(402);
        line.GetProperty("ErrorCode").GetString().Should().Be("insufficient_quota");
    }

    [Fact]
    public async Task Line_OfACall_SaysAloneWhyItWasSlowFailedOrDear()
    {
        const string Secret = "upstream-secret-0123456789";
        await using var gateway = await TestGateway.StartAsync([.. _log.Settings, "Aliases:smart:0=sim:bad+status=500", "Aliases:smart:1=sim:good+chunks=4+cached=2", "Telemetry:CallerAddress=Network"]);
        var account = await gateway.CreateAccountAsync();
        using var client = gateway.NewClient(account.Key);
        client.DefaultRequestHeaders.Add("x-request-id", "their-own-id-17");

        using var answer = await client.PostAsync(new Uri(Calls.ChatPath, UriKind.Relative), new StringContent(Calls.ChatBody("x", stream: true).Replace("sim:x", "smart", StringComparison.Ordinal), null, "application/json"));
        await answer.Content.ReadAsStringAsync();
        using var refused = await client.PostAsync(new Uri(Calls.ChatPath, UriKind.Relative), new StringContent(Calls.ChatBody("model", provider: "nowhere"), null, "application/json"));

        var line = await _log.AwaitJsonAsync("CallEnded", answer.RequestId());
        var record = CallRecord.Of((await account.UsageAsync(1))[0]);
        line.GetProperty("Alias").GetString().Should().Be("smart");
        line.GetProperty("Attempts").GetInt32().Should().Be(2);
        line.GetProperty("UpstreamStatus").GetInt32().Should().Be(500);
        line.GetProperty("UpstreamMessage").GetString().Should().NotBeNullOrEmpty().And.NotContain(Secret);
        line.GetProperty("Cost").GetString().Should().Be(record.Cost);
        line.GetProperty("Currency").GetString().Should().Be("USD");
        line.GetProperty("CachedTokens").GetInt64().Should().Be(record.CachedTokens);
        line.GetProperty("AdmissionMs").GetInt32().Should().BeInRange(0, line.GetProperty("FirstTokenMs").GetInt32());
        line.GetProperty("SettlementMs").GetInt32().Should().BeInRange(0, line.GetProperty("DurationMs").GetInt32());
        line.GetProperty("CallerAddress").GetString().Should().Be("127.0.0.0/24");
        line.GetProperty("CallerRequestId").GetString().Should().Be("their-own-id-17");
        var other = await _log.AwaitJsonAsync("CallRefused", refused.RequestId());
        other.GetProperty("Model").GetString().Should().Be("nowhere:model");
        other.GetProperty("CallerRequestId").GetString().Should().Be("their-own-id-17");
        _log.Text.Should().NotContain(Secret);
    }

    [Fact]
    public async Task Debugging_OfAnAccount_LogsItsCallsInDetailWithoutContentUntilItIsSwitchedOff()
    {
        await using var gateway = await TestGateway.StartAsync(_log.Settings);
        var account = await gateway.CreateAccountAsync();
        var other = await gateway.CreateAccountAsync();

        var window = await gateway.PostAsync($"/api/v1/accounts/{account.Id}/debug", new { minutes = 10 });
        window.GetProperty("until").GetDateTime().Should().BeAfter(DateTime.UtcNow.AddMinutes(9));
        using var answer = await account.ChatAsync("debugged", members: $",\"user\":\"{Prompt}\"");
        using var others = await other.ChatAsync("debugged");
        (await _log.AwaitJsonAsync("CallDebugAttempt", answer.RequestId())).GetProperty("Model").GetString().Should().Be("sim:debugged");
        await _log.AwaitAsync("CallDebugTimes", answer.RequestId());
        await _log.AwaitAsync("CallEnded", others.RequestId());

        (await gateway.PostAsync($"/api/v1/accounts/{account.Id}/debug", new { minutes = 0 })).GetProperty("until").ValueKind.Should().Be(JsonValueKind.Null);
        using var after = await account.ChatAsync("debugged");
        await _log.AwaitAsync("CallEnded", after.RequestId());

        _log.Text.Should().NotContain(Prompt).And.NotContain("upstream-secret-0123456789");
        _log.Text.Split('\n').Where(static line => line.Contains("CallDebug", StringComparison.Ordinal)).Should().OnlyContain(line => line.Contains(answer.RequestId(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Content_WhereItIsAllowed_IsLoggedForDebuggedAccountsAloneAndSaidAtTheStart()
    {
        await using var gateway = await TestGateway.StartAsync([.. _log.Settings, "Telemetry:DebugContent=true"]);
        var account = await gateway.CreateAccountAsync();
        using var before = await account.ChatAsync("quiet", members: $",\"user\":\"{Prompt}-1\"");
        await _log.AwaitAsync("CallEnded", before.RequestId());
        await gateway.PostAsync($"/api/v1/accounts/{account.Id}/debug", new { minutes = 1 });

        using var answer = await account.ChatAsync("loud+text=delivered-word", members: $",\"user\":\"{Prompt}-2\"");

        (await _log.AwaitAsync("CallDebugAsked", answer.RequestId())).Should().Contain($"{Prompt}-2");
        (await _log.AwaitAsync("CallDebugDelivered", answer.RequestId())).Should().Contain("delivered-word");
        _log.Text.Should().Contain("DebugContentAllowed").And.NotContain($"{Prompt}-1");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"minutes":61}""")]
    [InlineData("""{"minutes":-1}""")]
    [InlineData("""{"minutes":"ten"}""")]
    [InlineData("""{"minutes":1,"more":1}""")]
    public async Task Debugging_WithABodyThatIsNotValid_IsRefused(string body)
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync();

        using var refused = await gateway.Admin.PostAsync(new Uri($"/api/v1/accounts/{account.Id}/debug", UriKind.Relative), new StringContent(body, null, "application/json"));
        using var unknown = await gateway.Admin.PostAsJsonAsync($"/api/v1/accounts/{Guid.NewGuid()}/debug", new { minutes = 1 });

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }
}
