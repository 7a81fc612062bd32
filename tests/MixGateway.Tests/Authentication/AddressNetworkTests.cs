using System.Net;
using MixGateway.Authentication;

namespace MixGateway.Tests.Authentication;

/// <summary>Whose attempts count together.</summary>
public sealed class AddressNetworkTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void Attempts_OfTwoAddresses_CountTogetherIfOneCallerHasBoth(string one, string other, bool together) =>
        (AddressNetwork.Of(IPAddress.Parse(one)) == AddressNetwork.Of(IPAddress.Parse(other))).Should().Be(together);
}
