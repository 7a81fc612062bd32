using System.Globalization;
using System.Net;
using System.Text.Json;
using MixGateway.Administration;
using MixGateway.Billing;

namespace MixGateway.IntegrationTests.Administration;

public abstract class RedemptionEndpointsTests(ManagementHost host)
{
    private ManagementClient Client => host.Client;

    [Fact]
    public async Task Create_ShowsCodesOnceAndKeepsTheirHashes()
    {
        var batch = Unique();

        var created = await Client.PostAsync("/redemption-codes", $$"""{"amount":12.50,"count":3,"batch":"{{batch}}","note":"Meetup","expiresAt":"2999-01-01T00:00:00Z"}""");

        created.Status.Should().Be(HttpStatusCode.Created);
        (created["batch"], created["amount"], created["expiresAt"]).Should().Be((batch, "12.5", "2999-01-01T00:00:00Z"));
        var codes = CodesOf(created);
        codes.Should().HaveCount(3).And.OnlyHaveUniqueItems().And.OnlyContain(code => code.Length == 29);
        var listed = await Client.WalkAsync($"/redemption-codes?batch={batch}", 2);
        listed.Should().HaveCount(3);
        listed[0].TryGetProperty("code", out _).Should().BeFalse();
        (listed[0].GetProperty("status").GetString(), listed[0].GetProperty("note").GetString()).Should().Be(("active", "Meetup"));
        var audit = await Client.GetAsync($"/audit?subject={batch}");
        audit.Text.Should().Contain("codes.create").And.NotContainAny(codes);
        await using var database = host.OpenDatabase();
        database.RedemptionCodes.Where(row => row.Batch == batch).AsEnumerable().Select(row => Convert.ToHexString(row.Sha256))
            .Should().BeEquivalentTo(codes.Select(code => Convert.ToHexString(RedemptionText.Hash(code)!)));
        host.Logs.Should().NotContain(line => codes.Any(line.Contains));
    }

    [Theory]
    [InlineData("{}", "amount")]
    [InlineData("""{"amount":"0"}""", "amount")]
    [InlineData("""{"amount":"-1","count":0}""", "amount", "count")]
    [InlineData("""{"amount":"1","count":1001,"batch":" ","expiresAt":"2020-01-01T00:00:00Z"}""", "count", "batch", "expiresAt")]
    [InlineData("""{"amount":"1","code":"mine"}""", "code")]
    public async Task Create_WithBadFields_NamesEachOfThem(string body, params string[] fields) =>
        (await Client.PostAsync("/redemption-codes", body)).ErrorFields.Should().BeEquivalentTo(fields);

    [Fact]
    public async Task Redeem_BooksOnceAndTellsTheSameAgain()
    {
        var account = await Client.CreateAccountAsync();
        var code = (await CodesAsync("7.25"))[0];

        var first = await RedeemAsync(account, code);
        var again = await RedeemAsync(account, code.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal));

        (first.Status, first["kind"], first["amount"], first["balanceAfter"]).Should().Be((HttpStatusCode.Created, "redemption", "7.25", "7.25"));
        (again.Status, again.Id).Should().Be((HttpStatusCode.OK, first.Id));
        (await Client.GetAsync($"/accounts/{account}"))["balance"].Should().Be("7.25");
        (await Client.WalkAsync($"/accounts/{account}/ledger?kind=redemption", 5)).Should().ContainSingle();
        var shown = (await Client.WalkAsync($"/redemption-codes?accountId={account}", 5)).Should().ContainSingle().Subject;
        (shown.GetProperty("status").GetString(), shown.GetProperty("redeemedBy").GetString()).Should().Be(("redeemed", account));
        host.Observer.Balances.Should().ContainSingle(told => told.AccountId == Guid.Parse(account) && told.Balance == new Money(7_250_000_000));
        (await Client.WalkAsync($"/audit?accountId={account}&action=code.redeem", 5)).Should().ContainSingle();
    }

    [Fact]
    public async Task Redeem_OfOneCodeByManyAtOnce_PaysOneOfThemOnce()
    {
        var accounts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Client.CreateAccountAsync()));
        var codes = await CodesAsync("3", count: 5);
        foreach (var code in codes)
        {
            var answers = await Task.WhenAll(accounts.SelectMany(account => Enumerable.Repeat(account, 3)).Select(account => RedeemAsync(account, code)));

            answers.Count(answer => answer.Status == HttpStatusCode.Created).Should().Be(1);
            answers.Should().OnlyContain(answer => answer.Status == HttpStatusCode.Created || answer.Status == HttpStatusCode.OK
                || answer.Status == HttpStatusCode.Conflict || answer.Status == HttpStatusCode.TooManyRequests);
        }

        var balances = await Task.WhenAll(accounts.Select(account => Client.GetAsync($"/accounts/{account}")));
        balances.Sum(balance => decimal.Parse(balance["balance"]!, CultureInfo.InvariantCulture)).Should().Be(15);
        foreach (var account in accounts)
        {
            var ledger = await Client.WalkAsync($"/accounts/{account}/ledger", 10);
            ledger.Sum(entry => decimal.Parse(entry.GetProperty("amount").GetString()!, CultureInfo.InvariantCulture))
                .Should().Be(decimal.Parse((await Client.GetAsync($"/accounts/{account}"))["balance"]!, CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task RedeemAndRevoke_AtOnce_OnlyOneOfThemHappens()
    {
        var account = await Client.CreateAccountAsync();
        var redeemed = 0;
        for (var i = 0; i < 8; i++)
        {
            var created = await Client.PostAsync("/redemption-codes", """{"amount":"1"}""");
            var id = created.Body.GetProperty("codes")[0].GetProperty("id").GetString();

            var redeem = RedeemAsync(account, CodesOf(created)[0]);
            var revoke = Client.DeleteAsync($"/redemption-codes/{id}");

            var paid = (await redeem).Status == HttpStatusCode.Created;
            redeemed += paid ? 1 : 0;
            (await revoke).Status.Should().Be(paid ? HttpStatusCode.Conflict : HttpStatusCode.OK);
        }

        (await Client.GetAsync($"/accounts/{account}"))["balance"].Should().Be(redeemed.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Redeem_OfWhatIsNotGood_SaysWhy()
    {
        var account = await Client.CreateAccountAsync();
        var other = await Client.CreateAccountAsync();
        var codes = await CodesAsync("1", count: 3);
        await RedeemAsync(other, codes[0]);
        await using var database = host.OpenDatabase();
        database.RedemptionCodes.Single(row => row.Sha256 == RedemptionText.Hash(codes[1])).RevokedAt = DateTime.UtcNow;
        database.Entry(database.RedemptionCodes.Single(row => row.Sha256 == RedemptionText.Hash(codes[2])))
            .Property(row => row.ExpiresAt).CurrentValue = DateTime.UtcNow.AddSeconds(-1);
        await database.SaveChangesAsync();

        (await RedeemAsync(account, codes[0]))["detail"].Should().Contain("redeemed already");
        (await RedeemAsync(account, codes[1]))["detail"].Should().Contain("revoked");
        (await RedeemAsync(account, codes[2]))["detail"].Should().Contain("expired");
        (await RedeemAsync(account, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")).Status.Should().Be(HttpStatusCode.NotFound);
        (await RedeemAsync(account, "what?")).Status.Should().Be(HttpStatusCode.NotFound);
        (await Client.PostAsync($"/accounts/{account}/redemptions", "{}")).ErrorFields.Should().Equal("code");
        (await Client.GetAsync($"/accounts/{account}"))["balance"].Should().Be("0");
    }

    [Fact]
    public async Task Redeem_AfterTenRefusedCodes_HasToWaitEvenWhenRaced()
    {
        var account = await Client.CreateAccountAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => RedeemAsync(account, RedemptionText.New())));

        answers.Count(answer => answer.Status == HttpStatusCode.NotFound).Should().Be(Redemptions.MaxRefusals);
        answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests).Should().Be(5);
        var good = await RedeemAsync(account, (await CodesAsync("1"))[0]);
        good.Status.Should().Be(HttpStatusCode.TooManyRequests);
        good.Headers.RetryAfter!.Delta.Should().BePositive();
        (await RedeemAsync(await Client.CreateAccountAsync(), (await CodesAsync("1"))[0])).Status.Should().Be(HttpStatusCode.Created, "others do not wait");
    }

    [Fact]
    public async Task Redeem_ForASuspendedOrUnknownAccount_IsRefused()
    {
        var account = await Client.CreateAccountAsync();
        await Client.PatchAsync($"/accounts/{account}", """{"status":"suspended"}""");
        var code = (await CodesAsync("1"))[0];

        (await RedeemAsync(account, code)).Status.Should().Be(HttpStatusCode.Conflict);
        (await RedeemAsync(Guid.NewGuid().ToString(), code)).Status.Should().Be(HttpStatusCode.NotFound);

        (await RedeemAsync(await Client.CreateAccountAsync(), code)).Status.Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public async Task RevokeBatch_TakesWhatIsLeft()
    {
        var batch = Unique();
        var created = await Client.PostAsync("/redemption-codes", $$"""{"amount":"1","count":3,"batch":"{{batch}}"}""");
        await RedeemAsync(await Client.CreateAccountAsync(), CodesOf(created)[0]);

        var revoked = await Client.PostAsync("/redemption-codes/revoke", $$"""{"batch":"{{batch}}"}""");

        revoked["revoked"].Should().Be("2");
        (await Client.WalkAsync($"/redemption-codes?batch={batch}&status=revoked", 5)).Should().HaveCount(2);
        (await Client.WalkAsync($"/redemption-codes?batch={batch}&status=redeemed", 5)).Should().ContainSingle();
        (await Client.WalkAsync($"/redemption-codes?batch={batch}&status=active", 5)).Should().BeEmpty();
        (await Client.PostAsync("/redemption-codes/revoke", """{"batch":"no such batch"}""")).Status.Should().Be(HttpStatusCode.NotFound);
    }

    private static string Unique() => $"batch-{Guid.NewGuid():N}";

    private static string[] CodesOf(ManagementAnswer created) =>
        [.. created.Body.GetProperty("codes").EnumerateArray().Select(code => code.GetProperty("code").GetString()!)];

    private async Task<string[]> CodesAsync(string amount, int count = 1) =>
        CodesOf(await Client.PostAsync("/redemption-codes", JsonSerializer.Serialize(new { amount, count })));

    private Task<ManagementAnswer> RedeemAsync(string account, string code) =>
        Client.PostAsync($"/accounts/{account}/redemptions", JsonSerializer.Serialize(new { code }));
}

public sealed class RedemptionEndpointsOnSqliteTests(SqliteManagementHost host) : RedemptionEndpointsTests(host), IClassFixture<SqliteManagementHost>;

public sealed class RedemptionEndpointsOnPostgresTests(PostgresManagementHost host) : RedemptionEndpointsTests(host), IClassFixture<PostgresManagementHost>;
