using System.Net;
using System.Text.Json;
using MixGateway.Administration;

namespace MixGateway.IntegrationTests.Administration;

public abstract class TokenEndpointsTests(ManagementHost host)
{
    private ManagementClient Client => host.Client;

    [Fact]
    public async Task Create_ShowsTokenOnceAndKeepsItsHash()
    {
        var name = Unique();

        var created = await CreateAsync(name, "usage:read", "accounts:read");

        created.Status.Should().Be(HttpStatusCode.Created);
        created["token"].Should().MatchRegex("^mgt-[0-9A-Za-z]{48}$");
        created.Body.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()).Should().Equal("accounts:read", "usage:read");
        (created["status"], created["createdBy"], created["lastUsedAt"]).Should().Be(("active", "admin-token", "null"));
        var shown = await Client.GetAsync($"/tokens/{created.Id}");
        shown.Body.TryGetProperty("token", out _).Should().BeFalse();
        (await Client.WalkAsync("/tokens", 2)).Should().ContainSingle(token => token.GetProperty("id").GetString() == created.Id);
        await using var database = host.OpenDatabase();
        database.AdminTokens.Single(row => row.Id == Guid.Parse(created.Id)).Sha256.Should().Equal(AdminToken.Hash(created["token"]!));
        host.Logs.Should().NotContain(line => line.Contains(created["token"]!));
        (await Client.GetAsync($"/audit?subject={created.Id}")).Text.Should().Contain("token.create").And.NotContain(created["token"]!);
    }

    [Theory]
    [InlineData("""{"scopes":["keys"]}""", "name")]
    [InlineData("""{"name":"x"}""", "scopes")]
    [InlineData("""{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["everything"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["keys"],"expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"","scopes":5,"expiresAt":"soon","more":1}""", "name", "scopes", "expiresAt", "more")]
    public async Task Create_WithBadFields_NamesEachOfThem(string body, params string[] fields)
    {
        var answer = await Client.PostAsync("/tokens", body);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.ErrorFields.Should().BeEquivalentTo(fields);
    }

    [Fact]
    public async Task Name_OfAnotherToken_IsRefusedAlsoWhenRaced()
    {
        var name = Unique();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => CreateAsync(name, "keys")));

        answers.Select(answer => answer.Status).Should().BeEquivalentTo(
            Enumerable.Repeat(HttpStatusCode.Conflict, 5).Append(HttpStatusCode.Created));
    }

    [Fact]
    public async Task Token_PassesToItsScopesOnly()
    {
        var account = await Client.CreateAccountAsync();
        using var caller = await CallerAsync("accounts:read");

        (await caller.GetAsync($"/accounts/{account}")).Status.Should().Be(HttpStatusCode.OK);
        var refused = await caller.PostAsync($"/accounts/{account}/credits", """{"amount":"1"}""");

        refused.Status.Should().Be(HttpStatusCode.Forbidden);
        refused.MediaType.Should().Be("application/problem+json");
        refused["missingScope"].Should().Be("credits");
        refused["detail"].Should().Contain("credits");
        refused.Headers.WwwAuthenticate.ToString().Should().Contain("insufficient_scope");
        (await caller.GetAsync("/nothing")).Status.Should().Be(HttpStatusCode.NotFound);
        (await caller.SendAsync(HttpMethod.Put, "/accounts", null)).Status.Should().Be(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Change_IsInEffectAtOnce()
    {
        var created = await CreateAsync(Unique(), "accounts:read");
        using var caller = new ManagementClient(host.Address, created["token"]);
        (await caller.GetAsync("/accounts")).Status.Should().Be(HttpStatusCode.OK);
        (await Client.GetAsync($"/tokens/{created.Id}"))["lastUsedAt"].Should().NotBe("null");

        var changed = await Client.PatchAsync($"/tokens/{created.Id}", """{"scopes":["keys"],"expiresAt":"2999-01-01T00:00:00Z"}""");

        (changed.Status, changed["expiresAt"]).Should().Be((HttpStatusCode.OK, "2999-01-01T00:00:00Z"));
        (await caller.GetAsync("/accounts")).Status.Should().Be(HttpStatusCode.Forbidden);
        (await Client.PatchAsync($"/tokens/{created.Id}", """{"expiresAt":null}"""))["expiresAt"].Should().Be("null");
        var audit = (await Client.WalkAsync($"/audit?subject={created.Id}", 10)).Select(entry => entry.GetProperty("action").GetString());
        audit.Should().BeEquivalentTo("token.create", "token.change", "token.change");
    }

    [Fact]
    public async Task Revoke_IsInEffectAtOnceAndForGood()
    {
        var created = await CreateAsync(Unique(), "accounts:read");
        using var caller = new ManagementClient(host.Address, created["token"]);
        (await caller.GetAsync("/accounts")).Status.Should().Be(HttpStatusCode.OK);

        (await Client.DeleteAsync($"/tokens/{created.Id}"))["status"].Should().Be("revoked");

        (await caller.GetAsync("/accounts")).Status.Should().Be(HttpStatusCode.Unauthorized);
        (await Client.DeleteAsync($"/tokens/{created.Id}")).Status.Should().Be(HttpStatusCode.OK);
        (await Client.PatchAsync($"/tokens/{created.Id}", """{"name":"again"}""")).Status.Should().Be(HttpStatusCode.Conflict);
        (await Client.WalkAsync($"/audit?subject={created.Id}&action=token.revoke", 10)).Should().ContainSingle("the second time changed nothing");
    }

    [Fact]
    public async Task Token_PastItsExpiry_IsRefused()
    {
        var created = await CreateAsync(Unique(), "accounts:read");
        await using var database = host.OpenDatabase();
        database.AdminTokens.Single(row => row.Id == Guid.Parse(created.Id)).ExpiresAt = DateTime.UtcNow.AddSeconds(-1);
        await database.SaveChangesAsync();
        using var caller = new ManagementClient(host.Address, created["token"]);

        (await caller.GetAsync("/accounts")).Status.Should().Be(HttpStatusCode.Unauthorized);

        (await Client.GetAsync($"/tokens/{created.Id}"))["status"].Should().Be("expired");
    }

    [Fact]
    public async Task Maker_CannotGiveWhatItLacks()
    {
        using var maker = await CallerAsync("tokens", "keys");

        var refused = await maker.PostAsync("/tokens", Body(Unique(), "keys", "credits"));
        (refused.Status, refused["missingScope"]).Should().Be((HttpStatusCode.Forbidden, "credits"));
        var made = await maker.PostAsync("/tokens", Body(Unique(), "keys"));
        made.Status.Should().Be(HttpStatusCode.Created);
        (await maker.PatchAsync($"/tokens/{made.Id}", """{"scopes":["keys","audit:read"]}""")).Status.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Maker_CannotMakeWhatOutlivesIt()
    {
        var end = DateTime.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var created = await Client.PostAsync("/tokens", JsonSerializer.Serialize(new { name = Unique(), scopes = new[] { "tokens" }, expiresAt = end }));
        using var maker = new ManagementClient(host.Address, created["token"]);

        (await maker.PostAsync("/tokens", Body(Unique(), "tokens"))).Status.Should().Be(HttpStatusCode.Forbidden);
        (await maker.PatchAsync($"/tokens/{created.Id}", """{"expiresAt":null}""")).Status.Should().Be(HttpStatusCode.Forbidden);
        var shorter = JsonSerializer.Serialize(new { name = Unique(), scopes = new[] { "tokens" }, expiresAt = end });
        (await maker.PostAsync("/tokens", shorter)).Status.Should().Be(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("""{"expiresAt":null}""")]
    [InlineData("""{"expiresAt":"2999-01-01T00:00:00Z"}""")]
    [InlineData("""{"scopes":["keys"],"expiresAt":null}""")]
    [InlineData("""{"name":"of somebody else","expiresAt":"2999-01-01T00:00:00Z"}""")]
    public async Task Maker_CannotReviveOrExtendWhatMayDoMore(string change)
    {
        using var maker = await CallerAsync("tokens");
        foreach (var end in new[] { DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddHours(1) })
        {
            var stronger = await CreateAsync(Unique(), "credits", "keys");
            await using (var database = host.OpenDatabase())
            {
                database.AdminTokens.Single(row => row.Id == Guid.Parse(stronger.Id)).ExpiresAt = end;
                await database.SaveChangesAsync();
            }

            var refused = await maker.PatchAsync($"/tokens/{stronger.Id}", change);

            refused.Status.Should().Be(HttpStatusCode.Forbidden);
            refused["missingScope"].Should().BeOneOf("credits", "keys");
            (await maker.PatchAsync($"/tokens/{stronger.Id}", """{"expiresAt":"2000-01-01T00:00:00Z"}""")).Status.Should().Be(HttpStatusCode.BadRequest);
            (await maker.DeleteAsync($"/tokens/{stronger.Id}")).Status.Should().Be(HttpStatusCode.OK, "less is always possible");
        }
    }

    [Fact]
    public async Task Maker_WithEveryScope_MayExtend()
    {
        var end = DateTime.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var token = await Client.PostAsync("/tokens", JsonSerializer.Serialize(new { name = Unique(), scopes = new[] { "keys" }, expiresAt = end }));
        using var maker = await CallerAsync("tokens", "keys");

        (await maker.PatchAsync($"/tokens/{token.Id}", """{"expiresAt":null}""")).Status.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Audit_OfWhatATokenDid_NamesTheToken()
    {
        var name = Unique();
        using var caller = new ManagementClient(host.Address, (await CreateAsync(name, "accounts:write", "accounts:read"))["token"]);
        var account = await caller.CreateAccountAsync("First");
        await caller.PatchAsync($"/accounts/{account}", """{"name":"Second"}""");
        await Client.PostAsync($"/accounts/{account}/keys", """{"name":"k"}""");

        var entries = await Client.WalkAsync($"/audit?actor={Uri.EscapeDataString($"token:{name}")}", 1);

        entries.Select(entry => entry.GetProperty("action").GetString()).Should().BeEquivalentTo("account.change", "account.create");
        var change = entries.Single(entry => entry.GetProperty("action").GetString() == "account.change");
        (change.GetProperty("before").GetProperty("name").GetString(), change.GetProperty("after").GetProperty("name").GetString()).Should().Be(("First", "Second"));
        change.GetProperty("subject").GetString().Should().Be(account);
        (await Client.WalkAsync($"/audit?accountId={account}", 50)).Should().HaveCount(3, "its key is part of it");
    }

    [Fact]
    public async Task Audit_ByTime_HoldsFromAndNotTo()
    {
        var account = await Client.CreateAccountAsync();
        var at = (await Client.GetAsync($"/audit?subject={account}")).Body.GetProperty("data")[0].GetProperty("at").GetString();

        (await Client.WalkAsync($"/audit?subject={account}&from={at}", 10)).Should().ContainSingle();
        (await Client.WalkAsync($"/audit?subject={account}&to={at}", 10)).Should().BeEmpty();
        (await Client.GetAsync($"/audit?from={at}&to={at}")).ErrorFields.Should().Equal("to");
    }

    private static string Unique() => $"token {Guid.NewGuid():N}";

    private static string Body(string name, params string[] scopes) => JsonSerializer.Serialize(new { name, scopes });

    private Task<ManagementAnswer> CreateAsync(string name, params string[] scopes) => Client.PostAsync("/tokens", Body(name, scopes));

    private async Task<ManagementClient> CallerAsync(params string[] scopes) => new(host.Address, (await CreateAsync(Unique(), scopes))["token"]);
}

public sealed class TokenEndpointsOnSqliteTests(SqliteManagementHost host) : TokenEndpointsTests(host), IClassFixture<SqliteManagementHost>;

public sealed class TokenEndpointsOnPostgresTests(PostgresManagementHost host) : TokenEndpointsTests(host), IClassFixture<PostgresManagementHost>;
