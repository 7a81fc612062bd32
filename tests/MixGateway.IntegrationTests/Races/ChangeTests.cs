using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Races;

/// <summary>What is changed on one replica holds for the very next call on every other, which has served that key before.</summary>
public sealed class ChangeTests(ChangeTests.ThreeReplicas shared) : IClassFixture<ChangeTests.ThreeReplicas>
{
    private readonly Replicas _replicas = shared.Replicas;

    [Fact]
    public async Task Revoke_OnOneReplica_NextRequestOnOthersAnswers401()
    {
        var account = await CreateUsedAsync();

        using var revoked = await _replicas.First.Admin.DeleteAsync(new Uri($"/api/v1/keys/{account.KeyId}", UriKind.Relative));

        revoked.StatusCode.Should().Be(HttpStatusCode.OK);
        await ShouldAllAnswerAsync(account, HttpStatusCode.Unauthorized);
        using var list = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        list.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.Key);
        using var models = await _replicas.Of(account, 1).Gateway.Client.SendAsync(list);
        models.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Suspend_OnOneReplica_NextCallOnOthersAnswers403UntilItIsTakenBack()
    {
        var account = await CreateUsedAsync();

        await PatchAsync($"accounts/{account.Id}", new { status = "suspended" });
        await ShouldAllAnswerAsync(account, HttpStatusCode.Forbidden);

        await PatchAsync($"accounts/{account.Id}", new { status = "active" });
        await ShouldAllAnswerAsync(account, HttpStatusCode.OK);
    }

    /// <summary>By the clock of the hot store, so replicas whose own clocks differ agree on when it is.</summary>
    [Fact]
    public async Task Expiry_SetOnOneReplica_NextCallOnOthersAfterItAnswers401()
    {
        var account = await CreateUsedAsync();

        await PatchAsync($"keys/{account.KeyId}", new { expiresAt = DateTime.UtcNow.AddHours(1) });
        await ShouldAllAnswerAsync(account, HttpStatusCode.OK);
        _replicas.Pass(TimeSpan.FromHours(1));

        await ShouldAllAnswerAsync(account, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Limit_SetOnOneReplica_HoldsForTheNextCallOnOthers()
    {
        var account = await CreateUsedAsync();

        await PatchAsync($"keys/{account.KeyId}", new { spendLimit = new { amount = "0.000000001", period = "total" } });
        await ShouldAllAnswerAsync(account, HttpStatusCode.PaymentRequired);

        await PatchAsync($"keys/{account.KeyId}", new { spendLimit = (object?)null });
        await ShouldAllAnswerAsync(account, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Credit_OnOneReplica_LetsTheNextCallOnOthersThrough()
    {
        var account = await _replicas.First.CreateAccountAsync(credit: "0");
        await ShouldAllAnswerAsync(account, HttpStatusCode.PaymentRequired);

        await _replicas.First.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "1", note = "late", idempotencyKey = "late" });

        await ShouldAllAnswerAsync(account, HttpStatusCode.OK);
    }

    [Fact]
    public async Task AdminToken_ChangedAndRevokedOnOneReplica_NextRequestOnOthersKnowsIt()
    {
        var created = await _replicas.First.PostAsync("/api/v1/tokens", new { name = $"token {Guid.NewGuid():N}", scopes = new[] { "accounts:read" } });
        var (id, token) = (created.GetProperty("id").GetString(), created.GetProperty("token").GetString()!);
        await ShouldAllAnswerAsync(token, HttpStatusCode.OK);

        await PatchAsync($"tokens/{id}", new { scopes = new[] { "keys" } });
        await ShouldAllAnswerAsync(token, HttpStatusCode.Forbidden);

        using var revoked = await _replicas.First.Admin.DeleteAsync(new Uri($"/api/v1/tokens/{id}", UriKind.Relative));

        revoked.StatusCode.Should().Be(HttpStatusCode.OK);
        await ShouldAllAnswerAsync(token, HttpStatusCode.Unauthorized);
    }

    private async Task<TestAccount> CreateUsedAsync()
    {
        var account = await _replicas.First.CreateAccountAsync();
        await ShouldAllAnswerAsync(account, HttpStatusCode.OK);
        return account;
    }

    /// <summary>The replicas that did not make the change come first.</summary>
    private async Task ShouldAllAnswerAsync(TestAccount account, HttpStatusCode expected)
    {
        for (var replica = _replicas.Gateways.Count - 1; replica >= 0; replica--)
        {
            using var answer = await _replicas.Of(account, replica).ChatAsync("x");
            answer.StatusCode.Should().Be(expected, "that is what replica {0} knows", replica);
        }
    }

    /// <inheritdoc cref="ShouldAllAnswerAsync(TestAccount, HttpStatusCode)"/>
    private async Task ShouldAllAnswerAsync(string adminToken, HttpStatusCode expected)
    {
        for (var replica = _replicas.Gateways.Count - 1; replica >= 0; replica--)
        {
            using var client = _replicas.Gateways[replica].NewClient(adminToken);
            using var answer = await client.GetAsync(new Uri("/api/v1/accounts", UriKind.Relative));
            answer.StatusCode.Should().Be(expected, "that is what replica {0} knows", replica);
        }
    }

    private async Task PatchAsync(string path, object body)
    {
        using var response = await _replicas.First.Admin.PatchAsJsonAsync($"/api/v1/{path}", body);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    public sealed class ThreeReplicas : IAsyncLifetime
    {
        internal Replicas Replicas { get; private set; } = null!;

        public async Task InitializeAsync() => Replicas = await Replicas.StartAsync(GatewayStores.Servers);

        public async Task DisposeAsync() => await Replicas.DisposeAsync();
    }
}
