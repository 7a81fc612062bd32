using MixGateway.Administration.Api;

namespace MixGateway.Tests.Administration.Api;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-11-22T18:30:00Z", "2026-11-22T18:30:00.0000000Z")]
    [InlineData("2026-11-22t18:30:00z", "2026-11-22T18:30:00.0000000Z")]
    [InlineData("2026-11-22T18:30:00.5Z", "2026-11-22T18:30:00.5000000Z")]
    [InlineData("2026-11-22T18:30:00.1234567Z", "2026-11-22T18:30:00.1234567Z")]
    [InlineData("2026-11-22T18:30:00+08:00", "2026-11-22T10:30:00.0000000Z")]
    [InlineData("2026-11-22T00:30:00-03:30", "2026-11-22T04:00:00.0000000Z")]
    public void TryParse_OfTimeWithOffset_GivesUtc(string text, string expected)
    {
        Rfc3339.TryParse(text, out var time).Should().BeTrue();
        time.ToString("O", System.Globalization.CultureInfo.InvariantCulture).Should().Be(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-22")]
    [InlineData("2026-11-22T18:30:00")]
    [InlineData("2026-11-22 18:30:00Z")]
    [InlineData("2026-11-22T18:30Z")]
    [InlineData("2026-11-22T18:30:00Z\n")]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-11-22T24:00:01Z")]
    [InlineData("2026-11-22T18:30:00+25:00")]
    [InlineData("2026-11-22T18:30:00.Z")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("٢٠٢٦-11-22T18:30:00Z")]
    [InlineData("22 Nov 2026 18:30:00 GMT")]
    public void TryParse_OfAnythingElse_IsRefused(string text) => Rfc3339.TryParse(text, out _).Should().BeFalse();
}
