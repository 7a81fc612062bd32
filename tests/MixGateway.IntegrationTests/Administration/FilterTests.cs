using System.Net;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Lists and sums narrowed down.</summary>
public abstract class FilterTests(ManagementHost host)
{
    private ManagementClient Client => host.Client;

    [Fact]
    public async Task Accounts_ByNameAndStatus_HoldTheTextAsItIsWritten()
    {
        var mark = Guid.NewGuid().ToString("N");
        var percent = await Client.CreateAccountAsync($"{mark} 100% Off");
        var plain = await Client.CreateAccountAsync($"{mark} 100 Offers");
        await Client.PatchAsync($"/accounts/{plain}", """{"status":"suspended"}""");

        (await IdsAsync($"/accounts?name={mark}%20100")).Should().BeEquivalentTo(percent, plain);
        (await IdsAsync($"/accounts?name={mark.ToUpperInvariant()}%20100%25%20o")).Should().Equal(percent);
        (await IdsAsync($"/accounts?name={mark}_100")).Should().BeEmpty();
        (await IdsAsync($"/accounts?name={mark}%5C")).Should().BeEmpty();
        (await IdsAsync($"/accounts?name={mark}&status=suspended")).Should().Equal(plain);
        (await Client.GetAsync("/accounts?status=gone")).ErrorFields.Should().Equal("status");
    }

    [Fact]
    public async Task Keys_ByStatus_AndOneByItsId()
    {
        var account = await Client.CreateAccountAsync();
        var active = await Client.PostAsync($"/accounts/{account}/keys", """{"name":"a","expiresAt":"2999-01-01T00:00:00Z"}""");
        var revoked = await Client.PostAsync($"/accounts/{account}/keys", """{"name":"b"}""");
        await Client.DeleteAsync($"/keys/{revoked.Id}");

        (await IdsAsync($"/accounts/{account}/keys?status=active")).Should().Equal(active.Id);
        (await IdsAsync($"/accounts/{account}/keys?status=revoked")).Should().Equal(revoked.Id);
        (await IdsAsync($"/accounts/{account}/keys?status=expired")).Should().BeEmpty();
        var shown = await Client.GetAsync($"/keys/{active.Id}");
        (shown["name"], shown.Body.TryGetProperty("key", out _)).Should().Be(("a", false));
        (await Client.GetAsync($"/keys/{Guid.NewGuid()}")).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ledger_ByKindAndTime_HoldsFromAndNotTo()
    {
        var account = await Client.CreateAccountAsync();
        var credit = await Client.PostAsync($"/accounts/{account}/credits", """{"amount":"5"}""");
        var correction = await Client.PostAsync($"/accounts/{account}/credits", """{"amount":"-1","force":true}""");

        (await IdsAsync($"/accounts/{account}/ledger?kind=credit")).Should().Equal(credit.Id);
        (await IdsAsync($"/accounts/{account}/ledger?kind=adjustment")).Should().Equal(correction.Id);
        (await IdsAsync($"/accounts/{account}/ledger?from={credit["createdAt"]}")).Should().Contain(credit.Id);
        (await IdsAsync($"/accounts/{account}/ledger?to={credit["createdAt"]}")).Should().BeEmpty();
        (await Client.GetAsync($"/accounts/{account}/ledger?from=2030-01-01T00:00:00Z&to=2020-01-01T00:00:00Z")).ErrorFields.Should().Equal("to");
    }

    [Fact]
    public async Task Usage_OfAllAccounts_ByAccountProviderAndStatus()
    {
        var (one, oneKey) = await AccountAsync();
        var (two, twoKey) = await AccountAsync();
        var now = DateTime.UtcNow.Date.AddSeconds(1);
        await host.BookAsync(
            SampleCalls.Call(one, oneKey, now, "alpha:a"),
            SampleCalls.Call(one, oneKey, now, "beta:b") with { Status = MixGateway.Usage.CallStatus.Failed, ErrorCode = "upstream_timeout" },
            SampleCalls.Call(two, twoKey, now, "alpha:a"));

        (await Client.WalkAsync($"/usage?accountId={one}", 1)).Should().HaveCount(2);
        (await Client.WalkAsync($"/usage?accountId={one}&provider=alpha", 5)).Should().ContainSingle();
        (await Client.WalkAsync($"/accounts/{one}/usage?status=failed&errorCode=upstream_timeout", 5)).Should().ContainSingle();
        (await Client.WalkAsync($"/accounts/{one}/usage?status=aborted", 5)).Should().BeEmpty();
        var sums = await Client.WalkAsync($"/usage/summary?groupBy=model&accountId={one}", 1);
        sums.Select(sum => (sum.GetProperty("group").GetString(), sum.GetProperty("requests").GetInt64())).Should().Equal(("alpha:a", 1), ("beta:b", 1));
        var ofKey = (await Client.WalkAsync($"/usage/summary?groupBy=account&keyId={twoKey}&model=alpha:a&from={now.Date:yyyy-MM-dd}T00:00:00.001Z", 5)).Single();
        (ofKey.GetProperty("group").GetString(), ofKey.GetProperty("requests").GetInt64()).Should().Be((two, 1));
    }

    [Fact]
    public async Task Usage_NarrowWithoutABeginning_IsOfTheLast31Days()
    {
        var (account, key) = await AccountAsync();
        var now = DateTime.UtcNow.Date.AddSeconds(1);
        await host.BookAsync(SampleCalls.Call(account, key, now), SampleCalls.Call(account, key, now.AddDays(-40)), SampleCalls.Call(account, key, now.AddDays(-80)));

        (await Client.WalkAsync($"/accounts/{account}/usage", 1)).Should().HaveCount(3, "nothing is left out of a whole list");
        (await Client.WalkAsync($"/usage?accountId={account}", 1)).Should().HaveCount(3);
        foreach (var filter in (string[])["keyId=" + key, "model=demo:echo", "provider=demo", "status=completed"])
        {
            (await Client.WalkAsync($"/accounts/{account}/usage?{filter}", 1)).Should().ContainSingle(filter);
            (await Client.WalkAsync($"/accounts/{account}/usage?{filter}&from=2020-01-01T00:00:00Z", 1)).Should().HaveCount(3, filter);
            (await Client.WalkAsync($"/accounts/{account}/usage?{filter}&to={now.AddDays(-20):yyyy-MM-dd}T00:00:00Z", 1)).Should().ContainSingle("of the 31 days before the end with {0}", filter);
        }
    }

    private async Task<(string Account, string Key)> AccountAsync()
    {
        var account = await Client.CreateAccountAsync();
        return (account, (await Client.PostAsync($"/accounts/{account}/keys", """{"name":"k"}""")).Id);
    }

    private async Task<IEnumerable<string>> IdsAsync(string path) =>
        (await Client.WalkAsync(path, 50)).Select(item => item.GetProperty("id") is { ValueKind: JsonValueKind.String } id ? id.GetString()! : "");
}

public sealed class FiltersOnSqliteTests(SqliteManagementHost host) : FilterTests(host), IClassFixture<SqliteManagementHost>;

public sealed class FiltersOnPostgresTests(PostgresManagementHost host) : FilterTests(host), IClassFixture<PostgresManagementHost>;
