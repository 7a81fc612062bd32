using MixGateway.Authentication;

namespace MixGateway.Tests.Authentication;

public sealed class ApiKeyTests
{
    private const string Digits = "012345678901234567890123456789012345678901234567";

    [Fact]
    public void Create_Always_IsWellFormedAndNew()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => ApiKey.Create()).ToList();

        keys.Should().OnlyHaveUniqueItems().And.OnlyContain(key => ApiKey.IsWellFormed(key));
    }

    [Theory]
    [InlineData("sk-" + Digits, true)]
    [InlineData("sk-" + Digits + "0", false)]
    [InlineData("sk-12345678901234567890123456789012345678901234567", false)]
    [InlineData("SK-" + Digits, false)]
    [InlineData("pk-" + Digits, false)]
    [InlineData("sk-01234567890123456789012345678901234567890123456-", false)]
    [InlineData("sk-01234567890123456789012345678901234567890123456é", false)]
    [InlineData("sk-", false)]
    [InlineData("", false)]
    public void WellFormed_IsWhatCreateCanMake(string key, bool expected) => ApiKey.IsWellFormed(key).Should().Be(expected);
}
