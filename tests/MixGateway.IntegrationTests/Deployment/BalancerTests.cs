namespace MixGateway.IntegrationTests.Deployment;

/// <summary>What the load balancer of Docker Compose keeps from the outside, and what it sends again.</summary>
public sealed class BalancerTests(BalancerTests.Balancer shared) : IClassFixture<BalancerTests.Balancer>
{
    [Theory]
    [InlineData("/metrics")]
    [InlineData("/METRICS")]
    [InlineData("/metrics/")]
    [InlineData("/metrics?a=b")]
    [InlineData("/%6detrics")]
    [InlineData("/%6Detric%73/")]
    [InlineData("/v1/../metrics")]
    [InlineData("/./metrics")]
    [InlineData("/v1/%2e%2e/metrics")]
    [InlineData("/v1/.%2E/metrics/.")]
    [InlineData("http://gateway/metrics")]
    public async Task Metrics_HoweverTheirPathIsWritten_StayInside(string target)
    {
        var answer = await shared.HaProxy.SendAsync($"GET {target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        answer.Should().MatchRegex("^HTTP/1.1 40[04] ").And.NotContain("from the gateway");
        shared.HaProxy.TakeReceived().Should().BeEmpty();
    }

    [Theory]
    [InlineData("/v1/models/sim:a.b..c")]
    [InlineData("/v1/models/sim:a%2Fb")]
    [InlineData("/dashboard/assets/app.css")]
    [InlineData("/openapi/v1.json")]
    public async Task Path_OfAnythingElse_ComesThroughAsItIs(string path)
    {
        var answer = await shared.HaProxy.SendAsync($"GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        answer.Should().Contain("from the gateway");
        shared.HaProxy.TakeReceived().Should().Equal(path);
    }

    /// <summary>The gateway's 503 does not say that nothing was done: a provider may have answered, a credit may be booked.</summary>
    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/api/v1/accounts/0/credits")]
    public async Task Request_ThatAGatewayAnsweredWith503_IsNotSentAgain(string path)
    {
        var answer = await shared.HaProxy.SendAsync($"POST {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}");

        answer.Should().StartWith("HTTP/1.1 503").And.Contain("from the gateway");
        shared.HaProxy.TakeReceived().Should().Equal(path);
    }

    public sealed class Balancer : IAsyncLifetime
    {
        internal HaProxy HaProxy { get; private set; } = null!;

        public async Task InitializeAsync() => HaProxy = await HaProxy.StartAsync();

        public async Task DisposeAsync() => await HaProxy.DisposeAsync();
    }
}
