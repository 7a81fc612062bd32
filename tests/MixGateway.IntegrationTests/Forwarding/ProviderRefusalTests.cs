using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What becomes of a provider's error.</summary>
public sealed class ProviderRefusalTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData(400, "invalid_value", "temperature")]
    [InlineData(404, "model_not_found", null)]
    [InlineData(413, "request_too_large", null)]
    [InlineData(422, "unprocessable_entity", "messages")]
    public async Task Provider_ThatBlamesTheCaller_IsQuotedWithOurModelName(int status, string code, string? param)
    {
        var account = await _gateway.CreateAccountAsync();
        var script = $"sim+error={status}";

        using var response = await account.ChatAsync(script);

        var error = await response.ShouldFailAsync(status, "invalid_request_error", code, param);
        error.Message.Should().Contain($"`sim:{script}`").And.NotContain($"`{script}`");
        await ShouldBeFreeAsync(account, status, code);
    }

    [Fact]
    public async Task Provider_ThatQuotesItsCredential_IsCleaned()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+error=404+errorbody=leak");

        var error = await response.ShouldFailAsync(404, "invalid_request_error", "invalid_api_key");
        error.Message.Should().StartWith("Incorrect API key provided: ").And.NotContain("secret").And.NotContain("0123456789");
    }

    [Theory]
    [InlineData("error=401")]
    [InlineData("error=401+errorbody=leak")]
    [InlineData("error=402")]
    [InlineData("error=403")]
    [InlineData("error=409")]
    [InlineData("error=500")]
    [InlineData("error=502+errorbody=html")]
    [InlineData("error=503")]
    [InlineData("error=529")]
    [InlineData("error=500+errorbody=empty")]
    [InlineData("error=400+errorbody=leak")]
    [InlineData("error=400+errorbody=html")]
    [InlineData("error=404+errorbody=empty")]
    [InlineData("status=302")]
    [InlineData("status=204")]
    [InlineData("ok200error=1")]
    [InlineData("malformed=1")]
    [InlineData("cut=0")]
    [InlineData("cut=20")]
    [InlineData("jsonchunked=1+cut=20")]
    [InlineData("reset=1")]
    [InlineData("big=3000000+cut=1000")]
    public async Task Provider_ThatFailsBeforeItsAnswer_Answers502(string fault)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+" + fault);

        var error = await response.ShouldFailAsync(502, "upstream_error", "upstream_error");
        error.Message.Should().NotContain("secret").And.NotContain("html").And.NotContain("account");
        await ShouldBeFreeAsync(account, 502, "upstream_error", AttemptsOf(fault));
    }

    [Theory]
    [InlineData("error=500")]
    [InlineData("ok200error=1")]
    [InlineData("cut=0")]
    [InlineData("reset=1")]
    [InlineData("chunks=0+nofinish=1+nodone=1")]
    public async Task Provider_ThatFailsBeforeItsFirstEvent_Answers502AsJson(string fault)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+" + fault, stream: true);

        await response.ShouldFailAsync(502, "upstream_error", "upstream_error");
        await ShouldBeFreeAsync(account, 502, "upstream_error", AttemptsOf(fault));
    }

    [Theory]
    [InlineData("error=429", 7)]
    [InlineData("error=429+retryafter=42", 42)]
    [InlineData("error=429+errorbody=html", 7)]
    public async Task Provider_AtItsRateLimit_Answers429WithItsRetryAfter(string fault, int seconds)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+" + fault);

        var error = await response.ShouldFailAsync(429, "rate_limit_error", "upstream_rate_limited");
        error.Message.Should().NotContain("organization");
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(seconds));
        response.Headers.Contains("x-should-retry").Should().BeFalse();
        await ShouldBeFreeAsync(account, 429, "upstream_rate_limited");
    }

    [Fact]
    public async Task Provider_AfterFailures_IsAskedAgain()
    {
        var account = await _gateway.CreateAccountAsync();
        for (var i = 0; i < 3; i++)
        {
            using var failed = await account.ChatAsync("sim+fail=3");
            failed.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        }

        using var response = await account.ChatAsync("sim+fail=3");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "the only credential of a provider is never taken out");
    }

    /// <summary>What was lost with its connection is asked for once more.</summary>
    private static int AttemptsOf(string fault) => fault.Contains("cut", StringComparison.Ordinal) || fault.Contains("reset", StringComparison.Ordinal) ? 2 : 1;

    private static async Task ShouldBeFreeAsync(TestAccount account, int status, string code, int attempts = 1)
    {
        var record = await account.OnlyCallAsync();
        record.Status.Should().Be("failed");
        record.HttpStatus.Should().Be(status);
        record.ErrorCode.Should().Be(code);
        record.UsageSource.Should().Be("none");
        record.Cost.Should().Be("0");
        record.Attempts.Should().Be(attempts);
    }
}
