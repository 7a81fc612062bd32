using MixGateway.Administration;

namespace MixGateway.Tests.Administration;

public sealed class RedemptionTextTests
{
    [Fact]
    public void New_EachTime_IsAnotherCodeOfFiveGroups()
    {
        var codes = Enumerable.Range(0, 100).Select(static _ => RedemptionText.New()).ToList();

        codes.Should().OnlyHaveUniqueItems().And.OnlyContain(code => code.Split('-').Length == 5);
        codes.Should().OnlyContain(code => !code.Intersect("ILOU").Any());
    }

    [Theory]
    [InlineData("AB0DE-F1HJK-MNPQR-STVWX-YZ234")]
    [InlineData("ab0de f1hjk mnpqr stvwx yz234")]
    [InlineData("  ABODEFIHJKMNPQRSTVWXYZ234  ")]
    [InlineData("abode—flhjk—mnpqr—stvwx—yz234")]
    public void Hash_HoweverTheCodeIsTyped_IsTheSame(string typed) =>
        RedemptionText.Hash(typed).Should().Equal(RedemptionText.Hash("AB0DEF1HJKMNPQRSTVWXYZ234"));

    [Theory]
    [InlineData("")]
    [InlineData("AB0DE-F1HJK-MNPQR-STVWX-YZ23")]
    [InlineData("AB0DE-F1HJK-MNPQR-STVWX-YZ2345")]
    [InlineData("AB0DE-F1HJK-MNPQR-STVWX-YZ23U")]
    [InlineData("AB0DE-F1HJK-MNPQR-STVWX-YZ23é")]
    public void Hash_OfWhatCannotBeACode_IsNull(string typed) => RedemptionText.Hash(typed).Should().BeNull();
}
