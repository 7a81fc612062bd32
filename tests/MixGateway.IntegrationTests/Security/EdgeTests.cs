using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Security;

/// <summary>Who is believed about an address, and which pages may call.</summary>
public sealed class EdgeTests
{
    private const string Page = "https://app.example";

    [Fact]
    public async Task ForwardedAddress_FromAnybody_IsNotBelieved()
    {
        await using var gateway = await TestGateway.StartAsync();

        (await CallAsync(gateway, "203.0.113.7")).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task ForwardedAddress_FromAKnownProxy_IsTheCallers()
    {
        await using var gateway = await TestGateway.StartAsync("ForwardedHeaders:KnownProxies:0=127.0.0.0/8", "ForwardedHeaders:KnownProxies:1=10.0.0.7");

        (await CallAsync(gateway, "203.0.113.7")).Should().Be(HttpStatusCode.OK);
        (await CallAsync(gateway, "203.0.113.7, 10.0.0.7")).Should().Be(HttpStatusCode.OK, "10.0.0.7 is a proxy too");
        (await CallAsync(gateway, "203.0.113.7, 198.51.100.1")).Should().Be(HttpStatusCode.Forbidden, "what stands before a stranger is his own claim");
        (await CallAsync(gateway, "198.51.100.1")).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task KnownProxy_ThatIsNoAddress_IsRefusedAtTheStart() =>
        (await FluentActions.Awaiting(() => TestGateway.StartAsync("ForwardedHeaders:KnownProxies:0=balancer")).Should().ThrowAsync<Exception>())
            .Which.Message.Should().Contain("ForwardedHeaders:KnownProxies:0");

    [Fact]
    public async Task Page_OfAnotherSite_MayNotCallUnlessItIsListed()
    {
        await using var closed = await TestGateway.StartAsync();
        await using var open = await TestGateway.StartAsync($"Cors:Origins:0={Page}");

        (await PreflightAsync(closed, Calls.ChatPath, Page)).Should().BeNull();
        (await PreflightAsync(open, Calls.ChatPath, Page)).Should().Be(Page);
        (await PreflightAsync(open, Calls.ChatPath, "https://other.example")).Should().BeNull();
        (await PreflightAsync(open, "/api/v1/accounts", Page)).Should().BeNull("the management API is for its own origin alone");
        using var error = await OriginAsync(open, HttpMethod.Post, Calls.ChatPath, Page);
        error.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        error.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal([Page], "a page reads errors too");
        error.Headers.Contains("Access-Control-Allow-Credentials").Should().BeFalse();
    }

    [Theory]
    [InlineData(Calls.ChatPath)]
    [InlineData("/v1/models")]
    [InlineData("/chat/completions")]
    public async Task Preflight_OfAnOfficialSdk_MaySendAllOfItsHeaders(string path)
    {
        await using var gateway = await TestGateway.StartAsync($"Cors:Origins:0={Page}");
        const string Asked = "authorization,content-type,http-referer,openai-organization,openai-project,x-api-key,x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime,x-stainless-runtime-version,x-stainless-timeout,x-stainless-helper-method,x-title";

        using var listed = await OriginAsync(gateway, HttpMethod.Options, path, Page, Asked);
        using var stranger = await OriginAsync(gateway, HttpMethod.Options, path, "https://other.example", Asked);

        listed.IsSuccessStatusCode.Should().BeTrue();
        string.Join(',', listed.Headers.GetValues("Access-Control-Allow-Headers")).Split(',', StringSplitOptions.TrimEntries).Should().BeEquivalentTo(Asked.Split(','));
        stranger.Headers.Should().NotContain(static header => header.Key.StartsWith("Access-Control-Allow-"));
    }

    [Fact]
    public async Task Page_OfAListedSite_MayReadWhatSdksDecideBy()
    {
        await using var gateway = await TestGateway.StartAsync($"Cors:Origins:0={Page}");

        using var error = await OriginAsync(gateway, HttpMethod.Post, Calls.ChatPath, Page);

        string.Join(',', error.Headers.GetValues("Access-Control-Expose-Headers")).Split(',', StringSplitOptions.TrimEntries).Should()
            .Contain(["x-request-id", "retry-after", "x-should-retry", "x-ratelimit-remaining-requests", "x-ratelimit-reset-tokens"]);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("app.example")]
    [InlineData("https://app.example/path")]
    public async Task Origin_ThatIsNone_IsRefusedAtTheStart(string origin) =>
        (await FluentActions.Awaiting(() => TestGateway.StartAsync($"Cors:Origins:0={origin}")).Should().ThrowAsync<Exception>())
            .Which.Message.Should().Contain("Cors:Origins:0");

    /// <summary>With a key that only 203.0.113.7 may use.</summary>
    private static async Task<HttpStatusCode> CallAsync(TestGateway gateway, string forwardedFor)
    {
        var account = await gateway.CreateAccountAsync(key: new { name = "server", allowedAddresses = new[] { "203.0.113.7/32" } });
        using var answer = await account.PostAsync(Calls.ChatBody("sim"), change: request => request.Headers.Add("X-Forwarded-For", forwardedFor));
        return answer.StatusCode;
    }

    private static async Task<string?> PreflightAsync(TestGateway gateway, string path, string origin)
    {
        using var answer = await OriginAsync(gateway, HttpMethod.Options, path, origin);
        return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null;
    }

    private static async Task<HttpResponseMessage> OriginAsync(TestGateway gateway, HttpMethod method, string path, string origin, string headers = "authorization,content-type")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", headers);
        return await gateway.Client.SendAsync(request);
    }
}
