using System.Net;
using System.Text.Json;
using MixGateway.Billing;

namespace MixGateway.IntegrationTests.Administration;

public abstract class LedgerEndpointsTests(ManagementHost host)
{
    private ManagementClient Client => host.Client;

    [Fact]
    public async Task Credit_ToAccount_GivesEntryAndRaisesBalance()
    {
        var id = await Client.CreateAccountAsync();

        var answer = await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"25.000000001","note":"Invoice 7\nJune","idempotencyKey":"7"}""");

        answer.Status.Should().Be(HttpStatusCode.Created);
        answer.Body.EnumerateObject().Select(member => member.Name)
            .Should().Equal("id", "kind", "amount", "balanceAfter", "requestId", "note", "createdAt");
        (answer["kind"], answer["amount"], answer["balanceAfter"], answer["note"]).Should().Be(("credit", "25.000000001", "25.000000001", "Invoice 7\nJune"));
        answer.Body.GetProperty("requestId").ValueKind.Should().Be(JsonValueKind.Null);
        var account = await Client.GetAsync($"/accounts/{id}");
        (account["balance"], account["held"], account["available"]).Should().Be(("25.000000001", "0", "25.000000001"));
        var told = host.Observer.Balances.Single(told => told.AccountId == Guid.Parse(id));
        told.Balance.Should().Be(Money.Parse("25.000000001"));
        await using var database = host.OpenDatabase();
        database.Accounts.Single(row => row.Id == Guid.Parse(id)).Version.Should().Be(told.Version);
    }

    [Theory]
    [InlineData("5", "5")]
    [InlineData("\"5.10\"", "5.1")]
    [InlineData("0.000000001", "0.000000001")]
    [InlineData("1e2", "100")]
    [InlineData("1000000000", "1000000000")]
    public async Task Credit_WithAmountAsStringOrNumber_IsExact(string amount, string expected)
    {
        var id = await Client.CreateAccountAsync();

        (await Client.PostAsync($"/accounts/{id}/credits", $$"""{"amount":{{amount}}}"""))["amount"].Should().Be(expected);
    }

    [Theory]
    [InlineData("{}", "amount")]
    [InlineData("""{"amount":null}""", "amount")]
    [InlineData("""{"amount":0}""", "amount")]
    [InlineData("""{"amount":"0.0"}""", "amount")]
    [InlineData("""{"amount":"1e3"}""", "amount")]
    [InlineData("""{"amount":" 5"}""", "amount")]
    [InlineData("""{"amount":"5,00"}""", "amount")]
    [InlineData("""{"amount":"NaN"}""", "amount")]
    [InlineData("""{"amount":true}""", "amount")]
    [InlineData("""{"amount":"0.0000000001"}""", "amount")]
    [InlineData("""{"amount":"1000000000.000000001"}""", "amount")]
    [InlineData("""{"amount":-1000000001,"force":true}""", "amount")]
    [InlineData("""{"amount":1e400}""", "amount")]
    [InlineData("""{"amount":1,"note":5,"idempotencyKey":""}""", "note", "idempotencyKey")]
    [InlineData("""{"amount":1,"force":"yes"}""", "force")]
    [InlineData("""{"amount":1,"idempotencykey":"x"}""", "idempotencykey")]
    public async Task Credit_WithBadFields_NamesEachAndBooksNothing(string body, params string[] fields)
    {
        var id = await Client.CreateAccountAsync();

        var answer = await Client.PostAsync($"/accounts/{id}/credits", body);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorFields.Should().BeEquivalentTo(fields);
        (await Client.WalkAsync($"/accounts/{id}/ledger", 50)).Should().BeEmpty();
    }

    [Fact]
    public async Task Credit_BelowZero_IsRefusedUnlessForced()
    {
        var id = await Client.CreateAccountAsync();
        await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"10"}""");

        var refused = await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"-10.000000001"}""");
        var exact = await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"-10"}""");
        var forced = await Client.PostAsync($"/accounts/{id}/credits", """{"amount":-2.5,"force":true}""");

        refused.Status.Should().Be(HttpStatusCode.Conflict);
        refused.MediaType.Should().Be("application/problem+json");
        (exact["kind"], exact["balanceAfter"]).Should().Be(("adjustment", "0"));
        (forced["kind"], forced["balanceAfter"]).Should().Be(("adjustment", "-2.5"));
        (await Client.GetAsync($"/accounts/{id}"))["available"].Should().Be("-2.5");
    }

    [Fact]
    public async Task Credit_ToAccountInDebt_IsTaken()
    {
        var id = await Client.CreateAccountAsync();
        await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"-5","force":true}""");

        var answer = await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"2"}""");

        (answer.Status, answer["balanceAfter"]).Should().Be((HttpStatusCode.Created, "-3"));
    }

    [Fact]
    public async Task Credit_BeyondRangeOfBalance_IsRefused()
    {
        var id = await Client.CreateAccountAsync();
        for (var i = 0; i < 9; i++)
        {
            (await Client.PostAsync($"/accounts/{id}/credits", """{"amount":1000000000}""")).Status.Should().Be(HttpStatusCode.Created);
        }

        (await Client.PostAsync($"/accounts/{id}/credits", """{"amount":1000000000}""")).Status.Should().Be(HttpStatusCode.Conflict);
        (await Client.GetAsync($"/accounts/{id}"))["balance"].Should().Be("9000000000");
    }

    [Theory]
    [InlineData("""{"amount":"7","note":"n","idempotencyKey":"k"}""")]
    [InlineData("""{"idempotencyKey":"k","force":false,"note":"n","amount":7.0}""")]
    public async Task Credit_Replayed_GivesTheFirstEntry(string again)
    {
        var id = await Client.CreateAccountAsync();
        var first = await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"7","note":"n","idempotencyKey":"k"}""");
        await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"1"}""");

        var replay = await Client.PostAsync($"/accounts/{id}/credits", again);

        replay.Status.Should().Be(HttpStatusCode.OK);
        replay.Text.Should().Be(first.Text);
        (await Client.GetAsync($"/accounts/{id}"))["balance"].Should().Be("8");
    }

    [Theory]
    [InlineData("""{"amount":"8","note":"n","idempotencyKey":"k"}""")]
    [InlineData("""{"amount":"7","note":"m","idempotencyKey":"k"}""")]
    [InlineData("""{"amount":"7","idempotencyKey":"k"}""")]
    [InlineData("""{"amount":"7","note":"n","idempotencyKey":"k","force":true}""")]
    public async Task Credit_WithKeyOfAnotherBody_IsConflict(string other)
    {
        var id = await Client.CreateAccountAsync();
        await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"7","note":"n","idempotencyKey":"k"}""");

        (await Client.PostAsync($"/accounts/{id}/credits", other)).Status.Should().Be(HttpStatusCode.Conflict);
        (await Client.GetAsync($"/accounts/{id}"))["balance"].Should().Be("7");
    }

    [Fact]
    public async Task Credit_WithKeyOfAnotherAccount_IsAnEntryOfItsOwn()
    {
        var (one, two) = (await Client.CreateAccountAsync(), await Client.CreateAccountAsync());

        var first = await Client.PostAsync($"/accounts/{one}/credits", """{"amount":"7","idempotencyKey":"shared"}""");
        var second = await Client.PostAsync($"/accounts/{two}/credits", """{"amount":"9","idempotencyKey":"shared"}""");

        (first.Status, second.Status).Should().Be((HttpStatusCode.Created, HttpStatusCode.Created));
    }

    [Fact]
    public async Task Credit_RacedTwentyTimesWithOneKey_IsBookedOnce()
    {
        var id = await Client.CreateAccountAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Client.PostAsync($"/accounts/{id}/credits", """{"amount":"3","idempotencyKey":"race"}""")));

        answers.Count(answer => answer.Status == HttpStatusCode.Created).Should().Be(1);
        answers.Count(answer => answer.Status == HttpStatusCode.OK).Should().Be(19);
        answers.Select(answer => answer.Id).Distinct().Should().ContainSingle();
        (await Client.GetAsync($"/accounts/{id}"))["balance"].Should().Be("3");
        (await Client.WalkAsync($"/accounts/{id}/ledger", 50)).Should().ContainSingle();
    }

    [Fact]
    public async Task Credits_RacedOnOneAccount_AddUpInTheLedger()
    {
        var id = await Client.CreateAccountAsync();

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i =>
            Client.PostAsync($"/accounts/{id}/credits", $$"""{"amount":"{{(i % 3 == 0 ? -i : i)}}.5","force":true}""")));

        answers.Should().OnlyContain(answer => answer.Status == HttpStatusCode.Created);
        var entries = await Client.WalkAsync($"/accounts/{id}/ledger", 7);
        entries.Should().HaveCount(20);
        var balance = Money.Zero;
        foreach (var entry in Enumerable.Reverse(entries))
        {
            balance += Money.Parse(entry.GetProperty("amount").GetString());
            entry.GetProperty("balanceAfter").GetString().Should().Be(balance.ToString());
        }

        (await Client.GetAsync($"/accounts/{id}"))["balance"].Should().Be(balance.ToString());
    }

    [Fact]
    public async Task Corrections_RacedOnOneAccount_NeverTakeMoreThanThereIs()
    {
        var id = await Client.CreateAccountAsync();
        await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"5"}""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Client.PostAsync($"/accounts/{id}/credits", """{"amount":"-1"}""")));

        answers.Count(answer => answer.Status == HttpStatusCode.Created).Should().Be(5);
        answers.Count(answer => answer.Status == HttpStatusCode.Conflict).Should().Be(15);
        (await Client.GetAsync($"/accounts/{id}"))["balance"].Should().Be("0");
    }

    [Fact]
    public async Task Credit_IsAudited()
    {
        var id = await Client.CreateAccountAsync();
        await Client.PostAsync($"/accounts/{id}/credits", """{"amount":"2","note":"why"}""");

        await using var database = host.OpenDatabase();
        var entry = database.AuditEntries.Single(entry => entry.Target == id && entry.Action == "account.credit");

        entry.Actor.Should().Be("admin-token");
        entry.Before.Should().Be("""{"balance":"0"}""");
        entry.After.Should().Be("""{"balance":"2","amount":"2","note":"why","idempotencyKey":null,"force":false}""");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(500)]
    public async Task Ledger_Walked_GivesEachEntryOnceNewestFirst(int limit)
    {
        var id = await Client.CreateAccountAsync();
        for (var i = 1; i <= 10; i++)
        {
            await Client.PostAsync($"/accounts/{id}/credits", $$"""{"amount":{{i}}}""");
        }

        var entries = await Client.WalkAsync($"/accounts/{id}/ledger", limit);

        entries.Select(entry => entry.GetProperty("amount").GetString())
            .Should().Equal("10", "9", "8", "7", "6", "5", "4", "3", "2", "1");
    }

    [Fact]
    public async Task Ledger_WithoutLimit_GivesFifty()
    {
        var id = await Client.CreateAccountAsync();
        for (var i = 0; i < 51; i++)
        {
            await Client.PostAsync($"/accounts/{id}/credits", """{"amount":1}""");
        }

        var page = await Client.GetAsync($"/accounts/{id}/ledger");

        page.Body.GetProperty("data").GetArrayLength().Should().Be(50);
        page.Body.GetProperty("nextCursor").ValueKind.Should().Be(JsonValueKind.String);
    }

    [Fact]
    public async Task Ledger_WithCursorOfAnotherList_IsRefused()
    {
        var id = await Client.CreateAccountAsync();
        await Client.CreateAccountAsync();
        var cursor = (await Client.GetAsync("/accounts?limit=1"))["nextCursor"];

        (await Client.GetAsync($"/accounts/{id}/ledger?cursor={cursor}")).ErrorFields.Should().Equal("cursor");
    }

    [Fact]
    public async Task CreditAndLedger_OfUnknownAccount_AreNotFound()
    {
        var unknown = Guid.CreateVersion7();

        (await Client.PostAsync($"/accounts/{unknown}/credits", """{"amount":1}""")).Status.Should().Be(HttpStatusCode.NotFound);
        (await Client.GetAsync($"/accounts/{unknown}/ledger")).Status.Should().Be(HttpStatusCode.NotFound);
    }
}

public sealed class LedgerEndpointsOnSqliteTests(SqliteManagementHost host) : LedgerEndpointsTests(host), IClassFixture<SqliteManagementHost>;

public sealed class LedgerEndpointsOnPostgresTests(PostgresManagementHost host) : LedgerEndpointsTests(host), IClassFixture<PostgresManagementHost>;
