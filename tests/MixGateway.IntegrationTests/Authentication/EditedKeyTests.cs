using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Authentication;

/// <summary>What was answered to who edited a key is in force at the very next call, on every replica.</summary>
public sealed class EditedKeyTests : IAsyncLifetime
{
    private StoreSet _stores = null!;
    private TestGateway _editor = null!;
    private TestGateway _caller = null!;

    public async Task InitializeAsync()
    {
        _stores = await StoreSet.StartAsync(GatewayStores.Servers);
        _editor = await TestGateway.StartAsync(_stores.Settings);
        _caller = await TestGateway.StartAsync(_stores.Settings);
    }

    public async Task DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _editor.DisposeAsync();
        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task Models_NarrowedAndWidenedOnOneReplica_AreObeyedByTheNextCallOnTheOther()
    {
        var account = await KnownAccountAsync(new { name = "k" });
        for (var round = 0; round < 10; round++)
        {
            await PatchAsync($"keys/{account.KeyId}", new { models = new[] { "sim:other" } });
            using var narrowed = await account.ChatAsync("hello");
            using var other = await account.ChatAsync("other");
            await narrowed.ShouldFailAsync(403, "permission_error", "model_not_allowed", "model");
            other.StatusCode.Should().Be(HttpStatusCode.OK);

            await PatchAsync($"keys/{account.KeyId}", new { models = new[] { "sim:hel*" } });
            using var widened = await account.ChatAsync("hello");
            widened.StatusCode.Should().Be(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task ModelList_EditedOnOneReplica_IsShownByTheOther()
    {
        var account = await KnownAccountAsync(new { name = "k" });
        await PatchAsync($"keys/{account.KeyId}", new { models = new[] { "sim:other" } });

        using var refused = await GetModelAsync(account, "sim:hello");
        using var allowed = await GetModelAsync(account, "sim:other");

        await refused.ShouldFailAsync(403, "permission_error", "model_not_allowed", "model");
        allowed.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Addresses_EditedOnOneReplica_AreObeyedByTheNextCallOnTheOther()
    {
        var account = await KnownAccountAsync(new { name = "k" });
        for (var round = 0; round < 10; round++)
        {
            await PatchAsync($"keys/{account.KeyId}", new { allowedAddresses = new[] { "10.0.0.0/8" } });
            using var narrowed = await account.ChatAsync("hello");
            using var models = await GetModelAsync(account, "sim:hello");
            await narrowed.ShouldFailAsync(403, "permission_error", "ip_not_allowed");
            await models.ShouldFailAsync(403, "permission_error", "ip_not_allowed");

            await PatchAsync($"keys/{account.KeyId}", new { allowedAddresses = new[] { "10.0.0.0/8", "127.0.0.1" } });
            using var widened = await account.ChatAsync("hello");
            widened.StatusCode.Should().Be(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Key_RevokedOrExpiredOnOneReplica_IsRefusedByTheNextCallOnTheOther()
    {
        var revoked = await KnownAccountAsync(new { name = "k" });
        var expired = await KnownAccountAsync(new { name = "k" });

        using var revoke = await _editor.Admin.DeleteAsync(new Uri($"/api/v1/keys/{revoked.KeyId}", UriKind.Relative));
        using var one = await revoked.ChatAsync("hello");
        await PatchAsync($"keys/{expired.KeyId}", new { expiresAt = DateTime.UtcNow.AddMilliseconds(300) });
        using var two = await Eventually.GetAsync(
            async () => await expired.ChatAsync("hello") is { StatusCode: not HttpStatusCode.OK } refused ? refused : null, "a refusal");

        await one.ShouldFailAsync(401, "invalid_request_error", "invalid_api_key");
        await two.ShouldFailAsync(401, "invalid_request_error", "invalid_api_key");
    }

    [Fact]
    public async Task Account_SuspendedOnOneReplica_IsRefusedByTheNextCallOnTheOther()
    {
        var account = await KnownAccountAsync(new { name = "k" });

        await PatchAsync($"accounts/{account.Id}", new { status = "suspended" });
        using var suspended = await account.ChatAsync("hello");
        await PatchAsync($"accounts/{account.Id}", new { status = "active" });
        using var active = await account.ChatAsync("hello");

        await suspended.ShouldFailAsync(403, "permission_error", "account_suspended");
        active.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Key_CreatedOnOneReplica_WorksOnTheOtherDuringAFloodOfWrongOnes()
    {
        using var over = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 8).Select(_ => FloodAsync(over.Token)).ToArray();
        for (var i = 0; i < 5; i++)
        {
            var account = await _editor.CreateAccountAsync() with { Gateway = _caller };
            using var response = await account.ChatAsync("hello");
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await over.CancelAsync();
        (await Task.WhenAll(flood)).SelectMany(statuses => statuses).Should().NotBeEmpty().And.OnlyContain(status => status == HttpStatusCode.Unauthorized);
    }

    private async Task<IReadOnlyList<HttpStatusCode>> FloodAsync(CancellationToken over)
    {
        List<HttpStatusCode> statuses = [];
        while (!over.IsCancellationRequested)
        {
            using var response = await _caller.CallAsync(MixGateway.Authentication.ApiKey.Create(), "{}"u8.ToArray());
            statuses.Add(response.StatusCode);
        }

        return statuses;
    }

    /// <summary>Made on one replica and used on the other, so that the other remembers it.</summary>
    private async Task<TestAccount> KnownAccountAsync(object key)
    {
        var account = await _editor.CreateAccountAsync(key: key) with { Gateway = _caller };
        using var response = await account.ChatAsync("hello");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return account;
    }

    private async Task<HttpResponseMessage> GetModelAsync(TestAccount account, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models/" + model);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.Key);
        return await _caller.Client.SendAsync(request);
    }

    private async Task PatchAsync(string path, object body)
    {
        using var response = await _editor.Admin.PatchAsJsonAsync($"/api/v1/{path}", body);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }
}
