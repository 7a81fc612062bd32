using System.Globalization;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("30s", "00:00:30")]
    [InlineData("500ms", "00:00:00.5")]
    [InlineData("5m", "00:05:00")]
    [InlineData("5 min", "00:05:00")]
    [InlineData("6h", "06:00:00")]
    [InlineData("7d", "7.00:00:00")]
    [InlineData("1.5H", "01:30:00")]
    [InlineData("00:01:00", "00:01:00")]
    [InlineData("1:02:03.5", "01:02:03.5")]
    [InlineData("7.00:00:00", "7.00:00:00")]
    [InlineData("24:00:00", "1.00:00:00")]
    [InlineData("36:30:00", "1.12:30:00")]
    [InlineData("-00:00:01", "-00:00:01")]
    [InlineData("0", "00:00:00")]
    public void Time_InAFormThatSaysWhatItIs_IsRead(string text, string expected)
    {
        DurationText.TryParse(text, out var time).Should().BeTrue();

        time.Should().Be(TimeSpan.Parse(expected, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("6")]
    [InlineData("30")]
    [InlineData("1.5")]
    [InlineData("00:30")]
    [InlineData("00:61:00")]
    [InlineData("1.25:00:00")]
    [InlineData("5x")]
    [InlineData("soon")]
    [InlineData("s")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("999999999999d")]
    public void Time_ThatCouldMeanSomethingElse_IsRefused(string? text) => DurationText.TryParse(text, out _).Should().BeFalse();
}
