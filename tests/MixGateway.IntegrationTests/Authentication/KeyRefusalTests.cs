using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Authentication;

public sealed class KeyRefusalTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer sk-wrong")]
    [InlineData("Bearer ")]
    [InlineData("Bearer")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("sk-000000000000000000000000000000000000000000000000")]
    public async Task Key_ThatIsMissingOrWrong_Answers401(string? authorization)
    {
        using var response = await _gateway.CallAsync(null, Encoding.UTF8.GetBytes(Calls.ChatBody("x")), change: request =>
        {
            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }
        });

        await response.ShouldFailAsync(401, "invalid_request_error", "invalid_api_key");
    }

    [Fact]
    public async Task Key_LongerThanAnyKey_Answers401()
    {
        using var response = await _gateway.CallAsync("sk-" + new string('a', 8000), Encoding.UTF8.GetBytes(Calls.ChatBody("x")));

        await response.ShouldFailAsync(401, "invalid_request_error", "invalid_api_key");
    }

    [Fact]
    public async Task Key_InTwoHeaders_Answers401()
    {
        var account = await _gateway.CreateAccountAsync();
        using var caller = await RawCaller.ConnectAsync(_gateway);

        await caller.SendAsync($"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {account.Key}\r\nAuthorization: Bearer {account.Key}\r\n\r\n");
        await caller.ReadToEndAsync();

        caller.Received.Should().StartWith("HTTP/1.1 401 ");
    }

    [Fact]
    public async Task Key_WithTheSchemeInOtherCase_IsTaken()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await _gateway.CallAsync(
            null, Encoding.UTF8.GetBytes(Calls.ChatBody("x")), change: request => request.Headers.TryAddWithoutValidation("Authorization", "bearer " + account.Key));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Key_ThatWasRevoked_IsRefusedFromTheNextRequestOn()
    {
        var account = await _gateway.CreateAccountAsync();
        using var before = await account.ChatAsync("x");

        using var revoked = await _gateway.Admin.DeleteAsync(new Uri($"/api/v1/keys/{account.KeyId}", UriKind.Relative));
        using var after = await account.ChatAsync("x");

        before.StatusCode.Should().Be(HttpStatusCode.OK);
        revoked.IsSuccessStatusCode.Should().BeTrue();
        await after.ShouldFailAsync(401, "invalid_request_error", "invalid_api_key");
    }

    [Fact]
    public async Task Key_ThatExpires_IsRefusedFromThenOn()
    {
        var account = await _gateway.CreateAccountAsync(key: new { name = "short", expiresAt = DateTime.UtcNow.AddSeconds(1.5) });
        using var before = await account.ChatAsync("x");

        using var after = await Eventually.GetAsync(
            async () =>
            {
                var response = await account.ChatAsync("x");
                return response.StatusCode == HttpStatusCode.OK ? null : response;
            },
            "a refusal");

        before.StatusCode.Should().Be(HttpStatusCode.OK);
        await after.ShouldFailAsync(401, "invalid_request_error", "invalid_api_key");
    }

    [Fact]
    public async Task Account_ThatIsSuspended_Answers403UntilItIsActiveAgain()
    {
        var account = await _gateway.CreateAccountAsync();
        using var before = await account.ChatAsync("x");

        await SetStatusAsync(account, "suspended");
        using var suspended = await account.ChatAsync("x");
        await SetStatusAsync(account, "active");
        using var after = await account.ChatAsync("x");

        before.StatusCode.Should().Be(HttpStatusCode.OK);
        await suspended.ShouldFailAsync(403, "permission_error", "account_suspended");
        after.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task ModelList_OfASuspendedAccount_IsOneErrorAndLeavesTheConnectionUsable()
    {
        var account = await _gateway.CreateAccountAsync();
        await SetStatusAsync(account, "suspended");
        using var caller = await RawCaller.ConnectAsync(_gateway);
        foreach (var connection in new[] { "keep-alive", "close" })
        {
            await caller.SendAsync($"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\nAuthorization: Bearer {account.Key}\r\n\r\n");
        }

        await caller.ReadToEndAsync();

        caller.Received.Split("HTTP/1.1 403 ").Should().HaveCount(3);
    }

    [Theory]
    [InlineData("sim:allowed", "sim:allowed", true)]
    [InlineData("sim:allowed", "sim:other", false)]
    [InlineData("sim:*", "sim:other", true)]
    [InlineData("sim:al*", "sim:allowed", true)]
    [InlineData("sim:al*", "sim/other", false)]
    public async Task Model_OutsideTheKeysList_Answers403(string pattern, string model, bool allowed)
    {
        var account = await _gateway.CreateAccountAsync(key: new { name = "narrow", models = new[] { pattern } });

        using var response = await account.PostAsync($$"""{"model":"{{model}}","messages":[]}""");

        if (allowed)
        {
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }
        else
        {
            await response.ShouldFailAsync(403, "permission_error", "model_not_allowed", "model");
        }
    }

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("::1", false)]
    public async Task Address_OutsideTheKeysList_Answers403(string allowedAddress, bool allowed)
    {
        var account = await _gateway.CreateAccountAsync(key: new { name = "near", allowedAddresses = new[] { allowedAddress } });

        using var response = await account.PostAsync(
            Calls.ChatBody("x"), change: static request => request.Headers.Add("X-Forwarded-For", "10.1.2.3"));

        if (allowed)
        {
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }
        else
        {
            await response.ShouldFailAsync(403, "permission_error", "ip_not_allowed");
        }
    }

    [Fact]
    public async Task Credit_AfterARefusal_LetsTheNextCallThrough()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0");
        using var before = await account.ChatAsync("x");

        await _gateway.PostAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "1", note = "late", idempotencyKey = "late" });
        using var after = await account.ChatAsync("x");

        await before.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");
        after.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task ModelList_ForAKey_HoldsWhatItMayUse()
    {
        using var anonymous = await _gateway.Client.GetAsync(new Uri("/v1/models", UriKind.Relative));
        var account = await _gateway.CreateAccountAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models/sim:anything");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.Key);

        using var one = await _gateway.Client.SendAsync(request);

        await anonymous.ShouldFailAsync(401, "invalid_request_error", "invalid_api_key");
        one.StatusCode.Should().Be(HttpStatusCode.OK);
        (await one.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).GetProperty("id").GetString().Should().Be("sim:anything");
    }

    private async Task SetStatusAsync(TestAccount account, string status)
    {
        using var response = await _gateway.Admin.PatchAsJsonAsync($"/api/v1/accounts/{account.Id}", new { status });
        response.IsSuccessStatusCode.Should().BeTrue();
    }
}
