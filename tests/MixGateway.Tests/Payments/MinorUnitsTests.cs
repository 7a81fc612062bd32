using MixGateway.Billing;
using MixGateway.Payments;

namespace MixGateway.Tests.Payments;

public sealed class MinorUnitsTests
{
    [Theory]
    [InlineData("5", "USD", 500)]
    [InlineData("0.01", "EUR", 1)]
    [InlineData("500", "JPY", 500)]
    [InlineData("500", "jpy", 500)]
    [InlineData("1.5", "KWD", 1500)]
    public void Amount_OfWholeUnits_IsCountedAndBack(string amount, string currency, long units)
    {
        MinorUnits.TryCount(Money.Parse(amount), currency, out var count).Should().BeTrue();
        count.Should().Be(units);
        MinorUnits.AmountOf(units, currency).Should().Be(Money.Parse(amount));
    }

    [Theory]
    [InlineData("0.001", "USD")]
    [InlineData("0.5", "JPY")]
    [InlineData("0.0001", "KWD")]
    public void Amount_BetweenUnits_IsRefused(string amount, string currency) => MinorUnits.TryCount(Money.Parse(amount), currency, out _).Should().BeFalse();

    [Theory]
    [InlineData("5", "7.2", "36")]
    [InlineData("0.01", "7.2", "0.08")]
    [InlineData("1", "7.123456", "7.13")]
    [InlineData("1000000000", "7.2", "7200000000")]
    public void Conversion_ToYuan_IsRoundedUpToTheFen(string amount, string rate, string price) =>
        MinorUnits.Convert(Money.Parse(amount), decimal.Parse(rate, System.Globalization.CultureInfo.InvariantCulture), "CNY").Should().Be(Money.Parse(price));
}
