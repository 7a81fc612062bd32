using MixGateway.Payments;

namespace MixGateway.Tests.Payments;

public sealed class EPaySignatureTests
{
    private const string Key = "merchant-key-0123456789";

    [Fact]
    public void Signature_OfParameters_IsTheMd5OfTheSortedOnesWithAValue()
    {
        var parameters = new Dictionary<string, string>
        {
            ["type"] = "alipay",
            ["pid"] = "1001",
            ["name"] = "充值 & more",
            ["money"] = "7.20",
            ["param"] = "",
            ["sign_type"] = "MD5",
            ["sign"] = "anything",
            ["Upper"] = "first",
        };

        EPaySignature.Of(parameters, Key).Should().Be(
            "6f691bf2a804db4581d5118d67294c66", "it is the MD5 of Upper=first&money=7.20&name=充值 & more&pid=1001&type=alipay and the key");
    }

    [Fact]
    public void Signature_InEitherCase_IsGenuine()
    {
        var parameters = Signed();
        EPaySignature.IsGenuine(parameters, Key).Should().BeTrue();

        parameters["sign"] = parameters["sign"].ToUpperInvariant();
        EPaySignature.IsGenuine(parameters, Key).Should().BeTrue();
    }

    [Theory]
    [InlineData("money", "720.00")]
    [InlineData("out_trade_no", "another")]
    [InlineData("added", "value")]
    [InlineData("sign", "")]
    [InlineData("sign", "00000000000000000000000000000000")]
    public void Signature_OfOtherParameters_IsForged(string name, string value)
    {
        var parameters = Signed();
        parameters[name] = value;

        EPaySignature.IsGenuine(parameters, Key).Should().BeFalse();
    }

    [Fact]
    public void Signature_WithAnotherKeyOrNone_IsForged()
    {
        var parameters = Signed();
        EPaySignature.IsGenuine(parameters, Key + "x").Should().BeFalse();

        parameters.Remove("sign");
        EPaySignature.IsGenuine(parameters, Key).Should().BeFalse();
    }

    private static Dictionary<string, string> Signed()
    {
        var parameters = new Dictionary<string, string> { ["pid"] = "1001", ["out_trade_no"] = "one", ["money"] = "7.20", ["trade_status"] = "TRADE_SUCCESS" };
        parameters["sign"] = EPaySignature.Of(parameters, Key);
        return parameters;
    }
}
