using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>What is switched on at one replica is logged by another, and not for ever.</summary>
public sealed class DebuggingReplicasTests : IAsyncLifetime
{
    private readonly LogFile _log = new();
    private StoreSet _stores = null!;
    private TestGateway _first = null!;
    private TestGateway _second = null!;

    public async Task InitializeAsync()
    {
        _stores = await StoreSet.StartAsync(GatewayStores.Servers);
        _first = await TestGateway.StartAsync(_stores.Settings);
        _second = await TestGateway.StartAsync([.. _stores.Settings, .. _log.Settings]);
    }

    public async Task DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _stores.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task Debugging_SwitchedOnAtOneReplica_IsDoneByAnotherUntilItIsSwitchedOffThere()
    {
        var account = await _first.CreateAccountAsync();
        (await IsLoggedInDetailAsync(account)).Should().BeFalse();

        await _first.PostAsync($"/api/v1/accounts/{account.Id}/debug", new { minutes = 10 });
        await Eventually.TrueAsync(() => IsLoggedInDetailAsync(account), "a call in detail in the second replica's log");

        await _first.PostAsync($"/api/v1/accounts/{account.Id}/debug", new { minutes = 0 });
        await Eventually.TrueAsync(async () => !await IsLoggedInDetailAsync(account), "a call without details again");

        _log.Text.Should().NotContain("Say hello").And.NotContain(account.Key);
        var audit = (await _first.GetAsync($"/api/v1/audit?subject={account.Id}&action=account.debug")).GetProperty("data").EnumerateArray().ToArray();
        audit.Should().HaveCount(2).And.OnlyContain(static entry => entry.GetProperty("actor").GetString() == "admin-token");
        audit[1].GetProperty("after").GetProperty("until").GetDateTime().Should().BeCloseTo(DateTime.UtcNow.AddMinutes(10), TimeSpan.FromMinutes(1));
        audit[0].GetProperty("after").GetProperty("until").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task Debugging_WhoseTimeIsOver_EndsByItselfOnEveryReplica()
    {
        var account = await _first.CreateAccountAsync();
        var (first, second) = (_first.Services.GetRequiredService<DebugAccounts>(), _second.Services.GetRequiredService<DebugAccounts>());

        await first.SetAsync(account.Id, DateTimeOffset.UtcNow.AddSeconds(4));
        first.IsOn(account.Id).Should().BeTrue();
        await Eventually.TrueAsync(() => Task.FromResult(second.IsOn(account.Id)), "the second replica knows of it");
        await Eventually.TrueAsync(() => Task.FromResult(!first.IsOn(account.Id) && !second.IsOn(account.Id)), "its end");

        (await IsLoggedInDetailAsync(account)).Should().BeFalse();
        var store = _second.Services.GetRequiredService<HotStoreConnection>().Database;
        await Eventually.TrueAsync(async () => !await store.HashExistsAsync("mg:debug", account.Id.ToString("N")), "nothing of it stays in the hot store");
    }

    [Fact]
    public async Task Debugging_WhileTheHotStoreIsAway_IsRefusedInWords()
    {
        var account = await _first.CreateAccountAsync();
        await _stores.Redis!.KillAsync();

        using var refused = await _first.Admin.PostAsJsonAsync($"/api/v1/accounts/{account.Id}/debug", new { minutes = 1 });

        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("hot store");
        await _stores.Redis.StartAsync();
    }

    /// <summary>Calls the second replica, waits for the call's line and says whether there were more.</summary>
    private async Task<bool> IsLoggedInDetailAsync(TestAccount account)
    {
        using var answer = await (account with { Gateway = _second }).ChatAsync("debugged");
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        await _log.AwaitAsync("CallEnded", answer.RequestId());
        return _log.Text.Split('\n').Any(line => line.Contains("CallDebug", StringComparison.Ordinal) && line.Contains(answer.RequestId(), StringComparison.Ordinal));
    }
}
