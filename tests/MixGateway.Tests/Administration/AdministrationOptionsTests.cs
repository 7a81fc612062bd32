using MixGateway.Administration;

namespace MixGateway.Tests.Administration;

public sealed class AdministrationOptionsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0123456789abcdef")]
    [InlineData("with=signs+/and.dots~!")]
    public void AdminToken_UnsetOrLongEnough_IsTaken(string? token) => Validate(token).Succeeded.Should().BeTrue();

    [Theory]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789abcde ")]
    [InlineData("0123456789 abcdef")]
    [InlineData("0123456789abcdef\n")]
    [InlineData("0123456789abcdéf")]
    public void AdminToken_ShortOrNotVisibleAscii_IsRefusedWithoutBeingShown(string token)
    {
        var result = Validate(token);

        result.Failed.Should().BeTrue();
        result.FailureMessage.Should().Contain("Bootstrap:AdminToken").And.NotContain(token.Trim());
    }

    [Fact]
    public void AdminToken_LongerThanAnyHeaderIsRead_IsRefused()
    {
        Validate(new string('x', 256)).Succeeded.Should().BeTrue();
        Validate(new string('x', 257)).Failed.Should().BeTrue();
    }

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(string? token) =>
        new AdministrationOptionsValidation().Validate(null, new AdministrationOptions { AdminToken = token });
}
