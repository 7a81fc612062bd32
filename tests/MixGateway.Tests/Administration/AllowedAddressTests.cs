using System.Net;
using FsCheck.Xunit;
using MixGateway.Administration;
using MixGateway.Authentication;

namespace MixGateway.Tests.Administration;

public sealed class AllowedAddressTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("192.0.2.129/25", "192.0.2.128/25")]
    [InlineData("192.0.2.7/32", "192.0.2.7/32")]
    [InlineData("2001:DB8:0:0::1", "2001:db8::1")]
    [InlineData("2001:db8:ffff::1/33", "2001:db8:8000::/33")]
    [InlineData("::/0", "::/0")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7/120", "192.0.2.0/24")]
    [InlineData("::ffff:0:0/96", "0.0.0.0/0")]
    public void TryParse_OfAddressOrNetwork_GivesTheCanonicalForm(string text, string expected)
    {
        AllowedAddress.TryParse(text, out var canonical).Should().BeTrue();
        canonical.Should().Be(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("localhost")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("192.0.2.7 ")]
    [InlineData("192.0.2.256")]
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2.0/-1")]
    [InlineData("192.0.2.0/+8")]
    [InlineData("192.0.2.0/")]
    [InlineData("192.0.2.0/8/8")]
    [InlineData("192.0.2.0/255.255.255.0")]
    [InlineData("/8")]
    [InlineData("::/129")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::1%1/64")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    public void TryParse_OfAnythingElse_IsRefused(string text) => AllowedAddress.TryParse(text, out _).Should().BeFalse();

    /// <summary>What is stored has to be what the check of a caller's address understands.</summary>
    [Property]
    public bool Canonical_OfAnyNetwork_AllowsTheAddressItCameFrom(byte a, byte b, byte c, byte d, byte prefix)
    {
        var address = new IPAddress([a, b, c, d]);
        return AllowedAddress.TryParse($"{address}/{prefix % 33}", out var canonical)
            && AddressRules.Parse([canonical]).Allows(address)
            && AddressRules.Parse([canonical]).Allows(address.MapToIPv6())
            && AllowedAddress.TryParse(canonical, out var again) && again == canonical;
    }
}
