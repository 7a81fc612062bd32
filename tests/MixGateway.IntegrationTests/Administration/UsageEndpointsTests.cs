using System.Net;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Administration;

public abstract class UsageEndpointsTests(ManagementHost host)
{
    private static readonly DateTime Noon = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);

    private ManagementClient Client => host.Client;

    [Fact]
    public async Task Get_OfBookedCall_GivesEveryMember()
    {
        var (account, key) = await CreateAsync("100");
        var record = SampleCalls.Call(account, key, Noon.AddMilliseconds(7)) with { Model = "openai:gpt-5:x/y", Provider = "openai" };
        await host.BookAsync(record);

        var answer = await Client.GetAsync($"/usage/{record.RequestId}");

        answer.Status.Should().Be(HttpStatusCode.OK);
        answer.Text.Should().Be(
            $$"""
            {"requestId":"{{record.RequestId}}","accountId":"{{account}}","keyId":"{{key}}","provider":"openai","model":"openai:gpt-5:x/y","stream":true,
            "status":"completed","promptTokens":10,"cachedTokens":4,"cacheWriteTokens":3,"completionTokens":20,"reasoningTokens":5,"usageSource":"reported",
            "prices":{"input":"3000","cachedInput":"0.28","cacheWrite":"0.000000001","output":"2.5","reasoning":"0","request":"0.01"},"quantities":[],
            "currency":"USD","cost":"0.03","charged":"0.03","catalogRevision":3,"startedAt":"2026-11-22T12:00:00.007Z","durationMs":1200,"firstTokenMs":150,
            "httpStatus":200,"errorCode":null,"attempts":1,"uncollected":"0"}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData(CallStatus.Aborted, UsageSource.Estimated, "aborted", "estimated")]
    [InlineData(CallStatus.Failed, UsageSource.None, "failed", "none")]
    [InlineData(CallStatus.Abandoned, UsageSource.None, "abandoned", "none")]
    internal async Task Get_OfOtherEnds_NamesThem(CallStatus status, UsageSource source, string statusWord, string sourceWord)
    {
        var (account, key) = await CreateAsync("100");
        var record = SampleCalls.Call(account, key, Noon) with { Status = status, UsageSource = source, ErrorCode = "upstream_error", FirstTokenMs = null };
        await host.BookAsync(record);

        var answer = await Client.GetAsync($"/usage/{record.RequestId}");

        (answer["status"], answer["usageSource"], answer["errorCode"], answer["firstTokenMs"]).Should().Be((statusWord, sourceWord, "upstream_error", "null"));
    }

    [Fact]
    public async Task Get_OfCallBeyondTheBalance_TellsCostFromCharged()
    {
        var (account, key) = await CreateAsync("0.01");
        var record = SampleCalls.Call(account, key, Noon);
        await host.BookAsync(record);

        var answer = await Client.GetAsync($"/usage/{record.RequestId}");

        (answer["cost"], answer["charged"]).Should().Be(("0.03", "0.01"));
        var entry = (await Client.WalkAsync($"/accounts/{account}/ledger", 50))[0];
        entry.GetProperty("kind").GetString().Should().Be("usage");
        entry.GetProperty("amount").GetString().Should().Be("-0.01");
        entry.GetProperty("balanceAfter").GetString().Should().Be("0");
        entry.GetProperty("requestId").GetString().Should().Be(record.RequestId.ToString());
    }

    [Fact]
    public async Task Get_OfUnknownCall_IsNotFound() =>
        (await Client.GetAsync($"/usage/{Guid.CreateVersion7()}")).Status.Should().Be(HttpStatusCode.NotFound);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(25)]
    public async Task List_Walked_GivesEachCallOnceNewestFirst(int limit)
    {
        var (account, key) = await CreateAsync("100");

        // Several in one millisecond, so that pages end between equal times.
        var records = Enumerable.Range(0, 25).Select(i => SampleCalls.Call(account, key, Noon.AddMilliseconds(i / 5))).ToList();
        await host.BookAsync(records);

        var walked = await Client.WalkAsync($"/accounts/{account}/usage", limit);

        walked.Select(record => record.GetProperty("requestId").GetGuid()).Should().OnlyHaveUniqueItems().And.BeEquivalentTo(records.Select(record => record.RequestId));
        walked.Select(record => record.GetProperty("startedAt").GetDateTime()).Should().BeInDescendingOrder();
    }

    [Fact]
    public async Task List_WithFilters_GivesWhatMatchesAll()
    {
        var (account, key) = await CreateAsync("100");
        var (foreign, foreignKey) = await CreateAsync("100");
        var otherKey = (await Client.PostAsync($"/accounts/{account}/keys", """{"name":"Other"}""")).Id;
        var before = SampleCalls.Call(account, key, Noon.AddMilliseconds(-1));
        var atFrom = SampleCalls.Call(account, key, Noon);
        var otherModel = SampleCalls.Call(account, otherKey, Noon.AddSeconds(1), "demo:other");
        var atTo = SampleCalls.Call(account, key, Noon.AddMinutes(1));
        await host.BookAsync(before, atFrom, otherModel, atTo, SampleCalls.Call(foreign, foreignKey, Noon));

        (await IdsAsync($"/accounts/{account}/usage")).Should().Equal(atTo.RequestId, otherModel.RequestId, atFrom.RequestId, before.RequestId);
        (await IdsAsync($"/accounts/{account}/usage?from=2026-11-22T12:00:00Z&to=2026-11-22T12:01:00Z")).Should().Equal(otherModel.RequestId, atFrom.RequestId);
        (await IdsAsync($"/accounts/{account}/usage?from=2026-11-22T14:00:00%2B02:00&keyId={key}")).Should().Equal(atTo.RequestId, atFrom.RequestId);
        (await IdsAsync($"/accounts/{account}/usage?model=demo:other")).Should().Equal(otherModel.RequestId);
        (await IdsAsync($"/accounts/{account}/usage?model=demo:other&keyId={key}")).Should().BeEmpty();
        (await IdsAsync($"/accounts/{account}/usage?model=demo%25")).Should().BeEmpty();
        (await IdsAsync($"/accounts/{account}/usage?keyId={foreignKey}")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("from=yesterday&to=2026-11-22&keyId=x&limit=0&cursor=%20", "from", "to", "keyId", "limit", "cursor")]
    [InlineData("from=2026-11-22T12:00:00Z&to=2026-11-22T12:00:00Z", "to")]
    [InlineData("from=2026-11-22T12:00:00", "from")]
    [InlineData("model=", "model")]
    [InlineData("model=a%00b", "model")]
    [InlineData("cursor=Zm9v", "cursor")]
    public async Task List_WithBadQuery_NamesEachParameter(string query, params string[] fields)
    {
        var account = await Client.CreateAccountAsync();

        var answer = await Client.GetAsync($"/accounts/{account}/usage?{query}");

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorFields.Should().BeEquivalentTo(fields);
    }

    [Fact]
    public async Task List_OfUnknownAccount_IsNotFound() =>
        (await Client.GetAsync($"/accounts/{Guid.CreateVersion7()}/usage")).Status.Should().Be(HttpStatusCode.NotFound);

    private async Task<(string Account, string Key)> CreateAsync(string balance)
    {
        var account = await Client.CreateAccountAsync();
        await Client.PostAsync($"/accounts/{account}/credits", $$"""{"amount":"{{balance}}"}""");
        return (account, (await Client.PostAsync($"/accounts/{account}/keys", """{"name":"Caller"}""")).Id);
    }

    private async Task<IEnumerable<Guid>> IdsAsync(string path) => (await Client.WalkAsync(path, 3)).Select(record => record.GetProperty("requestId").GetGuid());
}

public sealed class UsageEndpointsOnSqliteTests(SqliteManagementHost host) : UsageEndpointsTests(host), IClassFixture<SqliteManagementHost>;

public sealed class UsageEndpointsOnPostgresTests(PostgresManagementHost host) : UsageEndpointsTests(host), IClassFixture<PostgresManagementHost>;
