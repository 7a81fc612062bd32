using System.Net;
using System.Text.Json;
using MixGateway.Authentication;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Administration;

public abstract class KeyEndpointsTests(ManagementHost host)
{
    private const string FullPolicy =
        """
        {"name":"CI","expiresAt":"2999-12-31T23:59:59.5+02:00","models":["openai:gpt-5*","deepseek:*","deepseek:*"],"requestsPerMinute":60,
         "tokensPerMinute":1000000,"maxConcurrent":4,"spendLimit":{"amount":"12.50","period":"month"},
         "allowedAddresses":["10.1.2.3/8","2001:DB8:0::1","::ffff:192.0.2.7"]}
        """;

    private ManagementClient Client => host.Client;

    [Fact]
    public async Task Create_WithNameAlone_GivesUnlimitedKeyAndItsSecretOnce()
    {
        var account = await Client.CreateAccountAsync();

        var answer = await Client.PostAsync($"/accounts/{account}/keys", """{"name":"First"}""");

        answer.Status.Should().Be(HttpStatusCode.Created);
        answer.Headers.CacheControl!.NoStore.Should().BeTrue();
        string[] members =
        [
            "id", "accountId", "name", "prefix", "status", "expiresAt", "models", "requestsPerMinute", "tokensPerMinute", "maxConcurrent",
            "spendLimit", "allowedAddresses", "createdAt", "revokedAt",
        ];
        answer.Body.EnumerateObject().Select(member => member.Name).Should().BeEquivalentTo([.. members, "key"]);
        (answer["accountId"], answer["name"], answer["status"]).Should().Be((account, "First", "active"));
        var nulls = answer.Body.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Null).Select(member => member.Name);
        nulls.Should().BeEquivalentTo("expiresAt", "models", "requestsPerMinute", "tokensPerMinute", "maxConcurrent", "spendLimit", "allowedAddresses", "revokedAt");
        var listed = (await Client.WalkAsync($"/accounts/{account}/keys", 50)).Single();
        listed.EnumerateObject().Select(member => member.Name).Should().BeEquivalentTo(members);
        answer["key"].Should().StartWith("sk-");
        answer["prefix"].Should().Be(ApiKey.Display(answer["key"]!));
    }

    [Fact]
    public async Task Create_IsStoredAsHashAndTold()
    {
        var account = await Client.CreateAccountAsync();

        var answer = await Client.PostAsync($"/accounts/{account}/keys", """{"name":"Hashed"}""");

        var hash = ApiKey.Hash(answer["key"]);
        host.Observer.Keys.Should().ContainSingle(told => told.KeyId == Guid.Parse(answer.Id) && told.Hash == hash);
        await using var database = host.OpenDatabase();
        var row = database.ApiKeys.Single(key => key.Id == Guid.Parse(answer.Id));
        row.Sha256.Should().Equal(hash.ToArray());
        database.Accounts.Single(row => row.Id == Guid.Parse(account)).Version.Should().Be(2);
    }

    [Fact]
    public async Task Create_WithFullPolicy_GivesItInCanonicalForm()
    {
        var account = await Client.CreateAccountAsync();

        var answer = await Client.PostAsync($"/accounts/{account}/keys", FullPolicy);

        answer.Status.Should().Be(HttpStatusCode.Created);
        answer["expiresAt"].Should().Be("2999-12-31T21:59:59.5Z");
        answer["models"].Should().Be("""["openai:gpt-5*","deepseek:*"]""");
        (answer["requestsPerMinute"], answer["tokensPerMinute"], answer["maxConcurrent"]).Should().Be(("60", "1000000", "4"));
        answer["spendLimit"].Should().Be("""{"amount":"12.5","period":"month"}""");
        answer["allowedAddresses"].Should().Be("""["10.0.0.0/8","2001:db8::1","192.0.2.7"]""");
        var listed = (await Client.WalkAsync($"/accounts/{account}/keys", 50)).Single();
        foreach (var member in listed.EnumerateObject())
        {
            member.Value.GetRawText().Should().Be(answer.Body.GetProperty(member.Name).GetRawText(), member.Name);
        }
    }

    [Theory]
    [InlineData("{}", "name")]
    [InlineData("""{"name":"k","expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"k","expiresAt":"2999-01-01"}""", "expiresAt")]
    [InlineData("""{"name":"k","expiresAt":"2999-01-01T00:00:00"}""", "expiresAt")]
    [InlineData("""{"name":"k","expiresAt":"2999-02-30T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"k","expiresAt":4102444800}""", "expiresAt")]
    [InlineData("""{"name":"k","models":[]}""", "models")]
    [InlineData("""{"name":"k","models":"openai:*"}""", "models")]
    [InlineData("""{"name":"k","models":["openai:*",5]}""", "models")]
    [InlineData("""{"name":"k","models":["openai:*"," ","a b"]}""", "models[1]", "models[2]")]
    [InlineData("""{"name":"k","requestsPerMinute":0,"tokensPerMinute":-1,"maxConcurrent":1.5}""", "requestsPerMinute", "tokensPerMinute", "maxConcurrent")]
    [InlineData("""{"name":"k","requestsPerMinute":"60","tokensPerMinute":99999999999999999999,"maxConcurrent":5000000000}""", "requestsPerMinute", "tokensPerMinute", "maxConcurrent")]
    [InlineData("""{"name":"k","spendLimit":5}""", "spendLimit")]
    [InlineData("""{"name":"k","spendLimit":{}}""", "spendLimit.amount", "spendLimit.period")]
    [InlineData("""{"name":"k","spendLimit":{"amount":"0","period":"day"}}""", "spendLimit.amount")]
    [InlineData("""{"name":"k","spendLimit":{"amount":"-1","period":"week","currency":"USD"}}""", "spendLimit.period", "spendLimit.currency")]
    [InlineData("""{"name":"k","allowedAddresses":[]}""", "allowedAddresses")]
    [InlineData("""{"name":"k","allowedAddresses":["10.0.0.1","10.0.0.0/33","example.org","10.1"]}""", "allowedAddresses[1]", "allowedAddresses[2]", "allowedAddresses[3]")]
    [InlineData("""{"name":"","key":"sk-mine","limit":1,"expiresAt":"x"}""", "name", "key", "limit", "expiresAt")]
    public async Task Create_WithBadFields_NamesEachAndCreatesNothing(string body, params string[] fields)
    {
        var account = await Client.CreateAccountAsync();

        var answer = await Client.PostAsync($"/accounts/{account}/keys", body);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorFields.Should().BeEquivalentTo(fields);
        (await Client.WalkAsync($"/accounts/{account}/keys", 50)).Should().BeEmpty();
    }

    [Fact]
    public async Task Create_InUnknownAccount_IsNotFound() =>
        (await Client.PostAsync($"/accounts/{Guid.CreateVersion7()}/keys", """{"name":"k"}""")).Status.Should().Be(HttpStatusCode.NotFound);

    [Fact]
    public async Task Change_WithSomeMembers_LeavesTheOthers()
    {
        var account = await Client.CreateAccountAsync();
        var key = await Client.PostAsync($"/accounts/{account}/keys", FullPolicy);

        var answer = await Client.PatchAsync($"/keys/{key.Id}", """{"name":"Renamed","requestsPerMinute":7,"models":["a:b"]}""");

        answer.Status.Should().Be(HttpStatusCode.OK);
        answer.Body.TryGetProperty("key", out _).Should().BeFalse();
        (answer["name"], answer["requestsPerMinute"], answer["models"]).Should().Be(("Renamed", "7", """["a:b"]"""));
        foreach (var same in new[] { "expiresAt", "tokensPerMinute", "maxConcurrent", "spendLimit", "allowedAddresses", "prefix", "createdAt" })
        {
            answer[same].Should().Be(key[same]);
        }

        host.Observer.Keys.Count(told => told.KeyId == Guid.Parse(key.Id)).Should().Be(2);
    }

    [Fact]
    public async Task Change_WithNulls_ClearsEachLimit()
    {
        var account = await Client.CreateAccountAsync();
        var key = await Client.PostAsync($"/accounts/{account}/keys", FullPolicy);

        var answer = await Client.PatchAsync(
            $"/keys/{key.Id}",
            """{"expiresAt":null,"models":null,"requestsPerMinute":null,"tokensPerMinute":null,"maxConcurrent":null,"spendLimit":null,"allowedAddresses":null}""");

        answer["name"].Should().Be("CI");
        foreach (var cleared in new[] { "expiresAt", "models", "requestsPerMinute", "tokensPerMinute", "maxConcurrent", "spendLimit", "allowedAddresses" })
        {
            answer.Body.GetProperty(cleared).ValueKind.Should().Be(JsonValueKind.Null, cleared);
        }
    }

    [Theory]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"status":"revoked"}""", "status")]
    [InlineData("""{"maxConcurrent":0,"spendLimit":{"amount":"x","period":null}}""", "maxConcurrent", "spendLimit.amount", "spendLimit.period")]
    public async Task Change_WithBadFields_NamesEachAndChangesNothing(string body, params string[] fields)
    {
        var account = await Client.CreateAccountAsync();
        var key = await Client.PostAsync($"/accounts/{account}/keys", FullPolicy);

        var answer = await Client.PatchAsync($"/keys/{key.Id}", body);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorFields.Should().BeEquivalentTo(fields);
        host.Observer.Keys.Count(told => told.KeyId == Guid.Parse(key.Id)).Should().Be(1);
    }

    [Fact]
    public async Task Change_ThatChangesNothing_IsNeitherAuditedNorTold()
    {
        var account = await Client.CreateAccountAsync();
        var key = await Client.PostAsync($"/accounts/{account}/keys", FullPolicy);

        (await Client.PatchAsync($"/keys/{key.Id}", """{"name":"CI","models":["openai:gpt-5*","deepseek:*"],"spendLimit":{"amount":12.5,"period":"month"}}"""))
            .Status.Should().Be(HttpStatusCode.OK);

        host.Observer.Keys.Count(told => told.KeyId == Guid.Parse(key.Id)).Should().Be(1);
        await using var database = host.OpenDatabase();
        database.AuditEntries.Where(entry => entry.Target == key.Id).Select(entry => entry.Action).Should().Equal("key.create");
    }

    [Fact]
    public async Task Delete_Revokes_AndOnceMoreChangesNothing()
    {
        var account = await Client.CreateAccountAsync();
        var key = await Client.PostAsync($"/accounts/{account}/keys", """{"name":"Leaked"}""");

        var first = await Client.DeleteAsync($"/keys/{key.Id}");
        var second = await Client.DeleteAsync($"/keys/{key.Id}");

        (first.Status, first["status"]).Should().Be((HttpStatusCode.OK, "revoked"));
        first["revokedAt"].Should().EndWith("Z");
        (second.Status, second.Text).Should().Be((HttpStatusCode.OK, first.Text));
        (await Client.WalkAsync($"/accounts/{account}/keys", 50)).Single().GetRawText().Should().Be(first.Text);
        host.Observer.Keys.Count(told => told.KeyId == Guid.Parse(key.Id)).Should().Be(2);
        await using var database = host.OpenDatabase();
        database.ApiKeys.Single(row => row.Id == Guid.Parse(key.Id)).Status.Should().Be(ApiKeyStatus.Revoked);
        database.AuditEntries.Where(entry => entry.Target == key.Id).OrderBy(entry => entry.Id).Select(entry => entry.Action)
            .Should().BeEquivalentTo("key.create", "key.revoke");
    }

    [Fact]
    public async Task Change_OfRevokedKey_IsConflict()
    {
        var account = await Client.CreateAccountAsync();
        var key = await Client.PostAsync($"/accounts/{account}/keys", """{"name":"Gone"}""");
        await Client.DeleteAsync($"/keys/{key.Id}");

        (await Client.PatchAsync($"/keys/{key.Id}", """{"name":"Back"}""")).Status.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task ChangeAndDelete_OfUnknownKey_AreNotFound()
    {
        var unknown = Guid.CreateVersion7();

        (await Client.PatchAsync($"/keys/{unknown}", """{"name":"x"}""")).Status.Should().Be(HttpStatusCode.NotFound);
        (await Client.DeleteAsync($"/keys/{unknown}")).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Changes_RacedOnOneAccount_AllHappenAndRaiseTheVersionOnceEach()
    {
        var account = await Client.CreateAccountAsync();
        var key = await Client.PostAsync($"/accounts/{account}/keys", """{"name":"Busy"}""");

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => (i % 3) switch
        {
            0 => Client.PatchAsync($"/keys/{key.Id}", $$"""{"requestsPerMinute":{{i}}}"""),
            1 => Client.PostAsync($"/accounts/{account}/keys", $$"""{"name":"Key {{i}}"}"""),
            _ => Client.PostAsync($"/accounts/{account}/credits", """{"amount":1}"""),
        }));

        answers.Should().OnlyContain(answer => answer.Status == HttpStatusCode.OK || answer.Status == HttpStatusCode.Created);
        await using var database = host.OpenDatabase();
        database.Accounts.Single(row => row.Id == Guid.Parse(account)).Version.Should().Be(22);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task List_Walked_GivesEachKeyOfTheAccountOnce(int limit)
    {
        var account = await Client.CreateAccountAsync();
        var other = await Client.CreateAccountAsync();
        await Client.PostAsync($"/accounts/{other}/keys", """{"name":"Foreign"}""");
        for (var i = 0; i < 7; i++)
        {
            await Client.PostAsync($"/accounts/{account}/keys", $$"""{"name":"{{i}}"}""");
        }

        var keys = await Client.WalkAsync($"/accounts/{account}/keys", limit);

        keys.Select(key => key.GetProperty("name").GetString()).Should().BeEquivalentTo("0", "1", "2", "3", "4", "5", "6");
    }

    [Fact]
    public async Task Secret_IsNowhereButInTheAnswer()
    {
        var account = await Client.CreateAccountAsync();
        var key = await Client.PostAsync($"/accounts/{account}/keys", FullPolicy);
        await Client.PatchAsync($"/keys/{key.Id}", """{"name":"Secret"}""");
        await Client.DeleteAsync($"/keys/{key.Id}");

        await using var database = host.OpenDatabase();
        var stored = JsonSerializer.Serialize(new
        {
            Accounts = database.Accounts.ToList(),
            Keys = database.ApiKeys.ToList(),
            Ledger = database.LedgerEntries.ToList(),
            Audit = database.AuditEntries.ToList(),
        });

        var secret = key["key"]!;
        var hash = Convert.ToBase64String(ApiKey.Hash(secret).ToArray());
        var middle = secret[7..^4];
        stored.Should().NotContain(middle);
        database.AuditEntries.AsEnumerable().Should().NotContain(entry => (entry.Before + entry.After).Contains(hash));
        host.Logs.Should().NotBeEmpty().And.NotContain(line => line.Contains(middle) || line.Contains(ManagementHost.AdminToken));
    }
}

public sealed class KeyEndpointsOnSqliteTests(SqliteManagementHost host) : KeyEndpointsTests(host), IClassFixture<SqliteManagementHost>;

public sealed class KeyEndpointsOnPostgresTests(PostgresManagementHost host) : KeyEndpointsTests(host), IClassFixture<PostgresManagementHost>;
