using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MixGateway.Authentication;
using MixGateway.Tests.Catalog;
using IPNetwork = System.Net.IPNetwork;

namespace MixGateway.Tests.Authentication;

public sealed class UnknownProxiesTests
{
    private readonly LogRecorder<UnknownProxies> _log = new();

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("x-forwarded-proto", "https")]
    [InlineData("X-Forwarded-Host", "ai.example.com")]
    [InlineData("Forwarded", "for=203.0.113.9")]
    public void Headers_OfAProxyThatIsNotNamed_AreTheWarningOfOneRequest(string name, string value)
    {
        var proxies = new UnknownProxies([IPNetwork.Parse("10.0.0.0/8")], _log);

        for (var i = 0; i < 3; i++)
        {
            proxies.Look(Request("::ffff:192.0.2.7", name, value));
        }

        _log.At(LogLevel.Warning).Should().ContainSingle().Which.Should().Contain("192.0.2.7").And.Contain("ForwardedHeaders:KnownProxies").And.NotContain(value);
    }

    [Theory]
    [InlineData("10.1.2.3", "X-Forwarded-For", "203.0.113.9")]
    [InlineData("::ffff:10.1.2.3", "X-Forwarded-For", "203.0.113.9")]
    [InlineData("192.0.2.7", "X-Real-Ip", "203.0.113.9")]
    [InlineData(null, "X-Forwarded-For", "203.0.113.9")]
    public void Headers_OfAKnownProxyOrNone_AreNoWarning(string? address, string name, string value)
    {
        new UnknownProxies([IPNetwork.Parse("10.0.0.0/8")], _log).Look(Request(address, name, value));

        _log.At(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory]
    [InlineData("/ai", 1)]
    [InlineData("/", 0)]
    public void Prefix_ThatAProxySends_IsOneWarning(string prefix, int warnings)
    {
        var proxies = new UnknownProxies([IPNetwork.Parse("10.0.0.0/8")], _log);

        proxies.Look(Request("10.0.0.1", "X-Forwarded-Prefix", prefix));
        proxies.Look(Request("10.0.0.1", "X-Forwarded-Prefix", prefix));

        _log.At(LogLevel.Warning).Count(static entry => entry.Contains("host of its own", StringComparison.Ordinal)).Should().Be(warnings);
    }

    private static DefaultHttpContext Request(string? address, string name, string value)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        context.Request.Headers[name] = value;
        return context;
    }
}
