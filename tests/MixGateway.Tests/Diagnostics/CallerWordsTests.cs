using System.Net;
using Microsoft.AspNetCore.Http;
using MixGateway.Diagnostics;

namespace MixGateway.Tests.Diagnostics;

public sealed class CallerWordsTests
{
    [Theory]
    [InlineData("203.0.113.77", "203.0.113.77", "203.0.113.0/24")]
    [InlineData("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0/24")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48")]
    public void Address_OfACaller_IsLoggedAsFarAsTheSettingSays(string address, string full, string network)
    {
        CallerWords.Address(IPAddress.Parse(address), LoggedAddress.Full).Should().Be(full);
        CallerWords.Address(IPAddress.Parse(address), LoggedAddress.Network).Should().Be(network);
        CallerWords.Address(IPAddress.Parse(address), LoggedAddress.None).Should().BeNull();
        CallerWords.Address(null, LoggedAddress.Full).Should().BeNull("a local socket has none");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("abc-1", "abc-1")]
    [InlineData("a\r\nb\u001b[2J", "ab[2J")]
    public void RequestId_OfACaller_IsOneLine(string? sent, string? logged)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers["x-request-id"] = sent;
        CallerWords.RequestId(request).Should().Be(logged);
        request.Headers["x-request-id"] = new string('x', 500);
        CallerWords.RequestId(request).Should().HaveLength(128);
    }
}
