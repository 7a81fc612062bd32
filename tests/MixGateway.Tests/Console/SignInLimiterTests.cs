using System.Net;
using MixGateway.Console.Safety;

namespace MixGateway.Tests.Console;

/// <summary>Whose attempts count together.</summary>
public sealed class SignInLimiterTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void Attempts_OfTwoAddresses_CountTogetherIfOneCallerHasBoth(string one, string other, bool together) =>
        (SignInLimiter.PartitionOf(IPAddress.Parse(one)) == SignInLimiter.PartitionOf(IPAddress.Parse(other))).Should().Be(together);
}
