using MixGateway.Administration;

namespace MixGateway.Tests.Administration;

public sealed class TextRulesTests
{
    [Theory]
    [InlineData("x")]
    [InlineData("Łódź 上海 🦊")]
    public void CheckLine_OfText_IsTaken(string text) => Line(text).Should().BeFalse();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t")]
    [InlineData("two\nlines")]
    [InlineData("nul\0")]
    [InlineData("escape\u001b[31m")]
    [InlineData("next line\u0085")]
    public void CheckLine_OfNothingOrControls_IsRefused(string? text) => Line(text).Should().BeTrue();

    /// <summary>Made here, because test data may not survive as an attribute's argument.</summary>
    [Fact]
    public void CheckLine_OfHalfASurrogatePair_IsRefused()
    {
        Line("a" + (char)0xD800).Should().BeTrue();
        Line((char)0xDC00 + "a").Should().BeTrue();
    }

    [Fact]
    public void CheckText_OfSeveralLines_IsTaken()
    {
        var errors = new FieldErrors();

        errors.CheckText("note", "one\r\n\ttwo", 100);

        errors.Any.Should().BeFalse();
    }

    private static bool Line(string? text)
    {
        var errors = new FieldErrors();
        errors.CheckLine("name", text, 20);
        return errors.Any;
    }
}
