using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Calls that run are seen and stopped from any replica.</summary>
public sealed class CallsInFlightTests
{
    private const string Stalled = "sim+chunks=3+stall=1:3600000";
    private static readonly string[] QuickHeartbeat = ["Quotas:Heartbeat=00:00:00.2"];

    [Fact]
    public async Task List_FromAnotherReplica_TellsEveryCallOfTheAccount()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var one = await TestGateway.StartAsync(set.Settings);
        await using var other = await TestGateway.StartAsync(set.Settings);
        var account = await one.CreateAccountAsync();
        var second = await one.CreateAccountAsync();
        using var caller = await StartAsync(account);
        using var json = await RawCaller.PostAsync(second, Calls.ChatBody("sim+hang=1"));
        await one.Upstream.State.WaitForAsync(state => state.Calls >= 2, TimeSpan.FromSeconds(10));

        var all = await ListAsync(other, "");
        var (first, rest) = await PageAsync(other);
        var mine = await ListAsync(other, $"?accountId={account.Id}");

        all.Select(call => call.GetProperty("accountId").GetGuid()).Should().Equal(second.Id, account.Id);
        (first.GetRawText(), rest.GetRawText()).Should().Be((all[0].GetRawText(), all[1].GetRawText()));
        var call = mine.Should().ContainSingle().Subject;
        (Text(call, "state"), Text(call, "model"), Text(call, "cost"), call.GetProperty("stream").GetBoolean(), call.GetProperty("keyId").GetGuid())
            .Should().Be(("running", "sim:" + Stalled, "0", true, account.KeyId));
        decimal.Parse(Text(call, "hold"), System.Globalization.CultureInfo.InvariantCulture).Should().BePositive();
        call.GetProperty("startedAt").GetDateTime().Should().BeCloseTo(DateTime.UtcNow, TimeSpan.FromMinutes(1));
        (await ListAsync(other, $"?accountId={Guid.NewGuid()}")).Should().BeEmpty();
    }

    /// <summary>16 MB, more than the buffers on the way to a caller who does not read it.</summary>
    [Fact]
    public async Task List_OfALongJsonAnswerThatIsOnItsWay_TellsWhatItHasCostSoFar()
    {
        await using var gateway = await TestGateway.StartAsync(QuickHeartbeat);
        var account = await gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=256+size=65536"), receiveBuffer: 8192);

        await Eventually.TrueAsync(
            async () => (await ListAsync(gateway, "")).Any(call => decimal.Parse(Text(call, "cost"), System.Globalization.CultureInfo.InvariantCulture) > 0),
            "a heartbeat has counted what was delivered");
    }

    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Stop_WhereItRuns_EndsTheStreamAtOnceAndBillsWhatWasDelivered(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync();
        using var caller = await StartAsync(account);
        var id = Text((await ListAsync(gateway, "")).Single(), "requestId");

        (await StopAsync(gateway, id)).Should().Be(HttpStatusCode.NoContent);

        await ShouldEndStoppedAsync(caller, account, id);
        (await StopAsync(gateway, id)).Should().Be(HttpStatusCode.NotFound, "it has ended");
        (await AuditAsync(gateway, id)).Should().ContainSingle().Which.Should().Be("call.stop");
    }

    [Fact]
    public async Task Stop_FromAnotherReplica_EndsTheStreamAtItsHeartbeat()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var one = await TestGateway.StartAsync([.. set.Settings, .. QuickHeartbeat]);
        await using var other = await TestGateway.StartAsync([.. set.Settings, .. QuickHeartbeat]);
        var account = await one.CreateAccountAsync();
        using var caller = await StartAsync(account);
        var id = Text((await ListAsync(other, "")).Single(), "requestId");

        (await StopAsync(other, id)).Should().Be(HttpStatusCode.Accepted);

        await ShouldEndStoppedAsync(caller, account, id);
        (await AuditAsync(other, id)).Should().Equal("call.stop");
    }

    [Theory]
    [InlineData("sim+hang=1", false)]
    [InlineData("sim+hang=1", true)]
    [InlineData("sim+chunks=3+stall=0:3600000", true)]
    public async Task Stop_BeforeTheAnswerBegan_IsA503ThatCostsThePrompt(string script, bool stream)
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var one = await TestGateway.StartAsync([.. set.Settings, .. QuickHeartbeat]);
        await using var other = await TestGateway.StartAsync(set.Settings);
        var account = await one.CreateAccountAsync();
        var answer = account.ChatAsync(script, stream);
        await one.Upstream.State.WaitForAsync(state => state.Calls >= 1, TimeSpan.FromSeconds(10));

        (await StopAsync(other, Text((await ListAsync(other, "")).Single(), "requestId"))).Should().Be(HttpStatusCode.Accepted);

        using var response = await answer;
        await response.ShouldFailAsync(503, "server_error", "service_unavailable");
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(
            new { Status = "aborted", UsageSource = "estimated", CompletionTokens = 0, HttpStatus = 503, ErrorCode = "service_unavailable" });
    }

    [Fact]
    public async Task Stop_UnknownCall_Is404WithoutAnAuditEntry()
    {
        await using var gateway = await TestGateway.StartAsync();
        var id = Guid.CreateVersion7().ToString();
        (await StopAsync(gateway, id)).Should().Be(HttpStatusCode.NotFound);
        (await AuditAsync(gateway, id)).Should().BeEmpty();
    }

    [Fact]
    public async Task ListAndStop_HotStoreDown_Are503ButForACallOfThisReplica()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var one = await TestGateway.StartAsync(set.Settings);
        await using var other = await TestGateway.StartAsync(set.Settings);
        var account = await one.CreateAccountAsync();
        using var caller = await StartAsync(account);
        var id = Text((await ListAsync(one, "")).Single(), "requestId");
        await set.Redis!.KillAsync();

        using (var list = await other.Admin.GetAsync(new Uri("/api/v1/calls", UriKind.Relative)))
        {
            list.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        }

        (await StopAsync(other, id)).Should().Be(HttpStatusCode.ServiceUnavailable);
        (await StopAsync(one, id)).Should().Be(HttpStatusCode.NoContent);
        await ShouldEndStoppedAsync(caller, account, id);
    }

    [Theory]
    [InlineData("?accountId=x")]
    [InlineData("?cursor=x")]
    [InlineData("?limit=0")]
    public async Task List_BadQuery_Is400(string query)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var response = await gateway.Admin.GetAsync(new Uri("/api/v1/calls" + query, UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    private static async Task<RawCaller> StartAsync(TestAccount account)
    {
        var caller = await RawCaller.PostAsync(account, Calls.ChatBody(Stalled, stream: true));
        await caller.ReadUntilAsync("\"finish_reason\":");
        return caller;
    }

    /// <summary>The caller is told, and pays for the one event that was delivered.</summary>
    private static async Task ShouldEndStoppedAsync(RawCaller caller, TestAccount account, string id)
    {
        await caller.ReadUntilAsync("\"service_unavailable\"");
        caller.Received.Should().NotContain("[DONE]");
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new
        {
            RequestId = id,
            Status = "aborted",
            UsageSource = "estimated",
            CompletionTokens = 1L,
            HttpStatus = 200,
            ErrorCode = "service_unavailable",
        });
        CallRecords.Nanos(record.Charged).Should().Be(record.ExpectedNanos).And.BePositive();
    }

    private static async Task<List<JsonElement>> ListAsync(TestGateway gateway, string query) =>
        [.. (await gateway.GetAsync("/api/v1/calls" + query)).GetProperty("data").EnumerateArray()];

    private static async Task<(JsonElement First, JsonElement Second)> PageAsync(TestGateway gateway)
    {
        var first = await gateway.GetAsync("/api/v1/calls?limit=1");
        var rest = await gateway.GetAsync($"/api/v1/calls?limit=1&cursor={first.GetProperty("nextCursor").GetString()}");
        rest.GetProperty("nextCursor").ValueKind.Should().Be(JsonValueKind.Null);
        return (first.GetProperty("data")[0], rest.GetProperty("data")[0]);
    }

    private static async Task<HttpStatusCode> StopAsync(TestGateway gateway, string id)
    {
        using var response = await gateway.Admin.DeleteAsync(new Uri($"/api/v1/calls/{id}", UriKind.Relative));
        return response.StatusCode;
    }

    private static async Task<List<string>> AuditAsync(TestGateway gateway, string target)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        return await database.AuditEntries.Where(entry => entry.Target == target).Select(entry => entry.Action).ToListAsync();
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
