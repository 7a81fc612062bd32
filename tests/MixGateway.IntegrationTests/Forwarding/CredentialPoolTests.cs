using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class CredentialPoolTests
{
    [Theory]
    [InlineData("error=401")]
    [InlineData("error=429")]
    [InlineData("error=429+retryafter=30")]
    [InlineData("error=503")]
    public async Task Credential_ThatTheProviderRefuses_IsNotUsedForAWhile(string fault)
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();

        using var rescued = await account.ChatAsync($"sim+{fault}+fail=1", provider: "pool");
        var refusedCredential = gateway.Upstream.State.Requests[0].Header("Authorization");
        var used = await UseAsync(account, calls: 20);

        rescued.StatusCode.Should().Be(HttpStatusCode.OK);
        used.Should().ContainSingle().Which.Should().NotBe(refusedCredential);
    }

    [Theory]
    [InlineData("reset=1+fail=1")]
    [InlineData("cut=3")]
    public async Task Credential_WhoseConnectionIsLost_StaysInUse(string fault)
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();
        for (var i = 0; i < 4; i++)
        {
            using var lost = await account.ChatAsync($"sim+{fault}+text=t{i}", provider: "pool");
        }

        (await UseAsync(account, calls: 40)).Should().HaveCount(2);
    }

    [Theory]
    [InlineData("error=400")]
    [InlineData("error=404")]
    public async Task Credential_OfACallersOwnMistake_StaysInUse(string fault)
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();
        for (var i = 0; i < 4; i++)
        {
            using var refused = await account.ChatAsync("sim+" + fault, provider: "pool");
        }

        (await UseAsync(account, calls: 40)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Credentials_ThatAllFail_AreAllTriedOn()
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();
        for (var i = 0; i < 6; i++)
        {
            using var refused = await account.ChatAsync("sim+error=401", provider: "pool");
            refused.StatusCode.Should().Be(HttpStatusCode.BadGateway, "the provider's word says more than ours");
        }

        using var response = await account.ChatAsync("sim", provider: "pool");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Provider_WithoutACredentialLeft_Answers503WithRetryAfter()
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();
        using var refused = await account.ChatAsync("sim+error=401", provider: "strict");
        var calls = gateway.Upstream.State.Calls;

        using var response = await account.ChatAsync("sim", provider: "strict");

        await response.ShouldFailAsync(503, "upstream_error", "upstream_unavailable");
        response.Headers.RetryAfter!.Delta.Should().BePositive();
        gateway.Upstream.State.Calls.Should().Be(calls);
    }

    private static Task<TestGateway> StartAsync() => TestGateway.StartWithAsync(upstream =>
    [
        $"Providers:pool:BaseUrl={upstream.BaseAddress}",
        "Providers:pool:ApiKeys:0=pool-secret-first",
        "Providers:pool:ApiKeys:1=pool-secret-second",
        "Providers:pool:Models:*:InputPrice=1",
        "Providers:pool:Models:*:OutputPrice=2",
        $"Providers:strict:BaseUrl={upstream.BaseAddress}",
        "Providers:strict:ApiKey=strict-secret",
        "Providers:strict:Models:*:InputPrice=1",
        "Providers:strict:Models:*:OutputPrice=2",
        "Providers:strict:Cluster:HealthCheck:AvailableDestinationsPolicy=HealthyAndUnknown",
    ]);

    /// <summary>The credentials that the provider saw.</summary>
    private static async Task<IEnumerable<string?>> UseAsync(TestAccount account, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            using var response = await account.ChatAsync("sim", provider: "pool");
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        return account.Gateway.Upstream.State.Requests.TakeLast(calls).Select(request => request.Header("Authorization")).Distinct();
    }
}
