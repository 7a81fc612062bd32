using MixGateway.Forwarding.Connections;

namespace MixGateway.Tests.Forwarding.Connections;

public sealed class UpstreamHandlerTests
{
    [Theory]
    [InlineData("https", "1.1", HttpVersionPolicy.RequestVersionOrHigher, "2.0", HttpVersionPolicy.RequestVersionOrLower)]
    [InlineData("https", "2.0", HttpVersionPolicy.RequestVersionOrHigher, "2.0", HttpVersionPolicy.RequestVersionExact)]
    [InlineData("http", "1.1", HttpVersionPolicy.RequestVersionOrHigher, "1.1", HttpVersionPolicy.RequestVersionExact)]
    [InlineData("http", "2.0", HttpVersionPolicy.RequestVersionOrHigher, "2.0", HttpVersionPolicy.RequestVersionExact)]
    [InlineData("https", "2.0", HttpVersionPolicy.RequestVersionOrLower, "2.0", HttpVersionPolicy.RequestVersionOrLower)]
    [InlineData("https", "3.0", HttpVersionPolicy.RequestVersionOrHigher, "3.0", HttpVersionPolicy.RequestVersionOrHigher)]
    [InlineData("https", "3.0", HttpVersionPolicy.RequestVersionExact, "3.0", HttpVersionPolicy.RequestVersionExact)]
    public void AvoidHttp3_EveryVersionAndPolicy_LeavesHttp3ToWhoWroteIt(
        string scheme, string version, HttpVersionPolicy policy, string expectedVersion, HttpVersionPolicy expectedPolicy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{scheme}://provider.example/v1") { Version = Version.Parse(version), VersionPolicy = policy };

        UpstreamHandler.AvoidHttp3(request);

        (request.Version, request.VersionPolicy).Should().Be((Version.Parse(expectedVersion), expectedPolicy));
    }
}
