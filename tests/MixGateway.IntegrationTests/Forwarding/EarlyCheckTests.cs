using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Forwarding;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What a large body's caller is told before the body is read.</summary>
public sealed class EarlyCheckTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const int Large = 300_000;

    private readonly TestGateway _gateway = shared.Gateway;

    [Fact]
    public async Task Body_OfAnAccountWithoutCredit_IsRefusedBeforeItComes()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0");
        using var caller = await RawCaller.ConnectAsync(_gateway);

        await caller.SendAsync(RawCaller.Head(account, 30_000_000) + "{");
        await caller.ReadUntilAsync("insufficient_quota");

        caller.Received.Should().Contain("x-should-retry: false").And.Contain("credit");
        _gateway.Services.GetRequiredService<BufferBudget>().Used.Should().BeLessThan(1_000_000);
        (await account.UsageAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Body_ThatIsSmallButSlow_IsRefusedWithoutCreditToo()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0");
        using var caller = await RawCaller.ConnectAsync(_gateway);
        await caller.SendAsync(RawCaller.Head(account, 50_000) + "{");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        await timer.WaitForNextTickAsync();

        await caller.SendAsync(new string(' ', 300));
        await timer.WaitForNextTickAsync();
        await caller.SendAsync(new string(' ', 300));
        await caller.ReadUntilAsync("insufficient_quota");
    }

    [Fact]
    public async Task Body_WithoutALength_IsRefusedOnceItIsLarge()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0");
        using var caller = await RawCaller.ConnectAsync(_gateway);
        await caller.SendAsync($"POST {Calls.ChatPath} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {account.Key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");

        await caller.SendAsync($"{Large:x}\r\n{new string(' ', Large)}\r\n");
        await caller.ReadUntilAsync("insufficient_quota");
    }

    [Fact]
    public async Task Body_OfASuspendedAccountOrRevokedKey_IsRefusedBeforeItComes()
    {
        var suspended = await _gateway.CreateAccountAsync();
        using var patch = await _gateway.Admin.PatchAsync(new Uri($"/api/v1/accounts/{suspended.Id}", UriKind.Relative), Json("""{"status":"suspended"}"""));
        var revoked = await _gateway.CreateAccountAsync();
        using var delete = await _gateway.Admin.DeleteAsync(new Uri($"/api/v1/keys/{revoked.KeyId}", UriKind.Relative));

        (await AnswerAsync(suspended)).Should().StartWith("HTTP/1.1 403 ").And.Contain("account_suspended");
        (await AnswerAsync(revoked)).Should().StartWith("HTTP/1.1 401 ").And.Contain("invalid_api_key");
    }

    [Fact]
    public async Task Body_BeyondTheRequestsOfTheMinute_IsRefusedWithTheLimitsHeaders()
    {
        var account = await _gateway.CreateAccountAsync(key: new { name = "one", requestsPerMinute = 1 });
        using var first = await account.ChatAsync("x");

        var answer = await AnswerAsync(account);

        answer.Should().StartWith("HTTP/1.1 429 ").And.Contain("rate_limit_exceeded").And.Contain("x-ratelimit-remaining-requests: 0").And.Contain("Retry-After: ");
    }

    [Fact]
    public async Task Body_BeyondTheCallsThatMayRun_IsRefused()
    {
        var account = await _gateway.CreateAccountAsync(key: new { name = "one", maxConcurrent = 1 });
        using var running = await account.ChatAsync("x+chunks=2+delay=60000", stream: true);
        running.StatusCode.Should().Be(HttpStatusCode.OK);

        (await AnswerAsync(account)).Should().StartWith("HTTP/1.1 429 ").And.Contain("rate_limit_exceeded");
    }

    [Fact]
    public async Task Body_OfACallThatMayRun_IsTaken()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.PostAsync(Calls.ChatBody("x", members: $",\"user\":\"{new string('x', Large)}\""));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Body_ForAModelThatCostsNothing_NeedsNoCredit()
    {
        await using var gateway = await TestGateway.StartAsync("Providers:sim:Models:free:InputPrice=0", "Providers:sim:Models:free:OutputPrice=0");
        var account = await gateway.CreateAccountAsync(credit: "0");

        using var response = await account.PostAsync(Calls.ChatBody("free", members: $",\"user\":\"{new string('x', Large)}\""));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    /// <summary>The answer to the head of a large call.</summary>
    private static async Task<string> AnswerAsync(TestAccount account)
    {
        using var caller = await RawCaller.ConnectAsync(account.Gateway);
        await caller.SendAsync(RawCaller.Head(account, 30_000_000) + "{");
        await caller.ReadUntilAsync("\"request_id\"");
        return caller.Received;
    }
}
