using System.Net;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Administration;

public abstract class AccountEndpointsTests(ManagementHost host)
{
    private ManagementClient Client => host.Client;

    [Fact]
    public async Task Create_WithName_GivesActiveAccountWithoutMoney()
    {
        var answer = await Client.PostAsync("/accounts", """{"name":"Łódź 上海"}""");

        answer.Status.Should().Be(HttpStatusCode.Created);
        answer.MediaType.Should().Be("application/json");
        answer.Body.EnumerateObject().Select(member => member.Name)
            .Should().StartWith(["id", "name", "status", "balance", "held", "available"]).And.Contain("createdAt");
        answer["name"].Should().Be("Łódź 上海");
        answer["status"].Should().Be("active");
        answer.Body.GetProperty("balance").ValueKind.Should().Be(JsonValueKind.String);
        (answer["balance"], answer["held"], answer["available"]).Should().Be(("0", "0", "0"));
        answer["createdAt"].Should().MatchRegex(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$");
        answer.Headers.Location!.ToString().Should().Be($"/api/v1/accounts/{answer.Id}");
    }

    [Theory]
    [InlineData("{}", "name")]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"name":5}""", "name")]
    [InlineData("""{"name":"  "}""", "name")]
    [InlineData("""{"name":"a\u0000b"}""", "name")]
    [InlineData("""{"name":"\ud800"}""", "name")]
    [InlineData("""{"name":"a","name":"b"}""", "name")]
    [InlineData("""{"name":"a","Name":"b"}""", "Name")]
    [InlineData("""{"name":"","status":"active"}""", "name", "status")]
    public async Task Create_WithBadFields_NamesEachOfThem(string body, params string[] fields)
    {
        var answer = await Client.PostAsync("/accounts", body);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.MediaType.Should().Be("application/problem+json");
        answer.ErrorFields.Should().BeEquivalentTo(fields);
    }

    [Fact]
    public async Task Create_WithTooLongName_IsRefused()
    {
        (await Client.PostAsync("/accounts", JsonSerializer.Serialize(new { name = new string('x', 100) }))).Status.Should().Be(HttpStatusCode.Created);
        (await Client.PostAsync("/accounts", JsonSerializer.Serialize(new { name = new string('x', 101) }))).ErrorFields.Should().Equal("name");
    }

    [Fact]
    public async Task Get_AfterCreate_GivesTheSame()
    {
        var created = await Client.PostAsync("/accounts", """{"name":"Same"}""");

        var answer = await Client.GetAsync($"/accounts/{created.Id}");

        answer.Status.Should().Be(HttpStatusCode.OK);
        answer.Text.Should().Be(created.Text);
    }

    [Fact]
    public async Task Get_Unknown_IsNotFound()
    {
        var answer = await Client.GetAsync($"/accounts/{Guid.CreateVersion7()}");

        answer.Status.Should().Be(HttpStatusCode.NotFound);
        answer.Body.GetProperty("detail").GetString().Should().Contain("account");
    }

    [Fact]
    public async Task Change_WithNameAlone_LeavesTheStatus()
    {
        var id = await Client.CreateAccountAsync();
        await Client.PatchAsync($"/accounts/{id}", """{"status":"suspended"}""");

        var answer = await Client.PatchAsync($"/accounts/{id}", """{"name":"Renamed"}""");

        answer.Status.Should().Be(HttpStatusCode.OK);
        (answer["name"], answer["status"]).Should().Be(("Renamed", "suspended"));
        (await Client.GetAsync($"/accounts/{id}")).Text.Should().Be(answer.Text);
    }

    [Fact]
    public async Task Change_OfStatus_IsToldAndAudited()
    {
        var id = await Client.CreateAccountAsync("Told");

        await Client.PatchAsync($"/accounts/{id}", """{"status":"suspended"}""");

        host.Observer.Accounts.Should().ContainSingle(told => told == Guid.Parse(id));
        await using var database = host.OpenDatabase();
        var entry = database.AuditEntries.Single(entry => entry.Target == id && entry.Action == "account.change");
        entry.Actor.Should().Be("admin-token");
        entry.Before.Should().StartWith("""{"name":"Told","status":"active",""");
        entry.After.Should().StartWith("""{"name":"Told","status":"suspended",""");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":"Idle","status":"active"}""")]
    public async Task Change_ThatChangesNothing_IsNeitherAuditedNorTold(string body)
    {
        var id = await Client.CreateAccountAsync("Idle");

        (await Client.PatchAsync($"/accounts/{id}", body)).Status.Should().Be(HttpStatusCode.OK);

        host.Observer.Accounts.Should().NotContain(Guid.Parse(id));
        await using var database = host.OpenDatabase();
        database.AuditEntries.Where(entry => entry.Target == id).Select(entry => entry.Action).Should().Equal("account.create");
    }

    [Theory]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"status":null}""", "status")]
    [InlineData("""{"status":"Suspended"}""", "status")]
    [InlineData("""{"status":1}""", "status")]
    [InlineData("""{"name":"","status":"closed","balance":"5"}""", "name", "status", "balance")]
    public async Task Change_WithBadFields_NamesEachAndChangesNothing(string body, params string[] fields)
    {
        var id = await Client.CreateAccountAsync("Firm");

        var answer = await Client.PatchAsync($"/accounts/{id}", body);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorFields.Should().BeEquivalentTo(fields);
        (await Client.GetAsync($"/accounts/{id}"))["name"].Should().Be("Firm");
    }

    [Fact]
    public async Task Change_OfUnknownAccount_IsNotFound() =>
        (await Client.PatchAsync($"/accounts/{Guid.CreateVersion7()}", """{"name":"x"}""")).Status.Should().Be(HttpStatusCode.NotFound);

    [Fact]
    public async Task List_WalkedWhileAccountsAreAdded_NeitherSkipsNorRepeats()
    {
        var created = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            created.Add(await Client.CreateAccountAsync($"Walk {i}"));
        }

        var first = await Client.GetAsync("/accounts?limit=5");
        await Client.CreateAccountAsync("Late");
        var seen = first.Body.GetProperty("data").EnumerateArray().Select(account => account.GetProperty("id").GetString()!).ToList();
        for (var cursor = first["nextCursor"]; cursor is not (null or "null");)
        {
            var page = await Client.GetAsync($"/accounts?limit=5&cursor={cursor}");
            seen.AddRange(page.Body.GetProperty("data").EnumerateArray().Select(account => account.GetProperty("id").GetString()!));
            cursor = page["nextCursor"];
        }

        seen.Should().OnlyHaveUniqueItems().And.Contain(created);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("cursor=%21", "cursor")]
    [InlineData("cursor=AAAA", "cursor")]
    [InlineData("cursor=Zm9v", "cursor")]
    [InlineData("cursor=&limit=9999", "cursor", "limit")]
    public async Task List_WithBadPage_NamesWhatIsWrong(string query, params string[] fields)
    {
        var answer = await Client.GetAsync($"/accounts?{query}");

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorFields.Should().BeEquivalentTo(fields);
    }
}

public sealed class AccountEndpointsOnSqliteTests(SqliteManagementHost host) : AccountEndpointsTests(host), IClassFixture<SqliteManagementHost>;

public sealed class AccountEndpointsOnPostgresTests(PostgresManagementHost host) : AccountEndpointsTests(host), IClassFixture<PostgresManagementHost>;
