using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using MixGateway.Billing;

namespace MixGateway.Tests.Billing;

public sealed class MoneyTests
{
    private static readonly JsonSerializerOptions SmallBuffers = new() { DefaultBufferSize = 32 };

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("1", 1_000_000_000)]
    [InlineData("+1", 1_000_000_000)]
    [InlineData("-12.5", -12_500_000_000)]
    [InlineData("0.000000001", 1)]
    [InlineData("-0.000000001", -1)]
    [InlineData("007.100", 7_100_000_000)]
    [InlineData("0.1000000000000000000000000000", 100_000_000)]
    [InlineData("9223372036.854775807", long.MaxValue)]
    [InlineData("-9223372036.854775808", long.MinValue)]
    public void TryParse_PlainDecimal_GivesItsNanos(string text, long nanos)
    {
        Money.TryParse(text, out var value).Should().BeTrue();
        value.Nanos.Should().Be(nanos);
        Money.Parse(text).Should().Be(value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+")]
    [InlineData("+-1")]
    [InlineData("--1")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1e3")]
    [InlineData("1,5")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\u0660")]
    [InlineData("0x1")]
    [InlineData("NaN")]
    [InlineData("1.0.0")]
    [InlineData("0.0000000001")]
    [InlineData("1.0000000001")]
    [InlineData("9223372036.854775808")]
    [InlineData("-9223372036.854775809")]
    [InlineData("99999999999999999999999999999999999999999999")]
    public void TryParse_OtherText_IsRefused(string text)
    {
        Money.TryParse(text, out var value).Should().BeFalse();
        value.Should().Be(Money.Zero);
        FluentActions.Invoking(() => Money.Parse(text)).Should().Throw<FormatException>();
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.000000001")]
    [InlineData(-1, "-0.000000001")]
    [InlineData(1_000_000_000, "1")]
    [InlineData(-12_500_000_000, "-12.5")]
    [InlineData(100_000_000_000, "100")]
    [InlineData(long.MaxValue, "9223372036.854775807")]
    [InlineData(long.MinValue, "-9223372036.854775808")]
    public void ToString_Amount_IsPlainDecimalWithoutTrailingZeros(long nanos, string text) =>
        new Money(nanos).ToString().Should().Be(text);

    [Property(MaxTest = 1000)]
    public void Parse_OwnText_GivesTheSameAmount(long nanos)
    {
        var money = new Money(nanos);
        var text = money.ToString();
        Money.Parse(text).Should().Be(money);
        text.Should().Be(((decimal)nanos / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture));
    }

    [Property(MaxTest = 1000)]
    public void Addition_TwoAmounts_EqualsThatOfBigIntegersOrThrows(long left, long right)
    {
        var sum = (BigInteger)left + right;
        var act = () => new Money(left) + new Money(right);
        if (sum >= long.MinValue && sum <= long.MaxValue)
        {
            act().Nanos.Should().Be((long)sum);
            (act() - new Money(right)).Nanos.Should().Be(left);
        }
        else
        {
            act.Should().Throw<OverflowException>();
        }
    }

    [Property]
    public void Comparison_TwoAmounts_IsThatOfTheirNanos(long left, long right)
    {
        var (a, b) = (new Money(left), new Money(right));
        a.CompareTo(b).Should().Be(left.CompareTo(right));
        (a < b).Should().Be(left < right);
        (a <= b).Should().Be(left <= right);
        (a > b).Should().Be(left > right);
        (a >= b).Should().Be(left >= right);
        Money.Min(a, b).Nanos.Should().Be(Math.Min(left, right));
        Money.Max(a, b).Nanos.Should().Be(Math.Max(left, right));
    }

    [Fact]
    public void Arithmetic_AtTheExtremes_ThrowsAndNeverWraps()
    {
        FluentActions.Invoking(() => Money.MaxValue + new Money(1)).Should().Throw<OverflowException>();
        FluentActions.Invoking(() => Money.MinValue - new Money(1)).Should().Throw<OverflowException>();
        FluentActions.Invoking(() => -Money.MinValue).Should().Throw<OverflowException>();
        (-Money.MaxValue).Nanos.Should().Be(-long.MaxValue);
    }

    [Fact]
    public void TryFormat_RoomTooShort_SaysSo()
    {
        Span<char> room = stackalloc char[3];
        new Money(1).TryFormat(room, out var written).Should().BeFalse();
        written.Should().Be(0);
    }

    [Theory]
    [InlineData("\"1.5\"", 1_500_000_000)]
    [InlineData("\"\\u0031.5\"", 1_500_000_000)]
    [InlineData("1.5", 1_500_000_000)]
    [InlineData("15E-1", 1_500_000_000)]
    [InlineData("1e-9", 1)]
    [InlineData("-2.5e+3", -2_500_000_000_000)]
    [InlineData("0e99999999999999999999", 0)]
    [InlineData("0.000000000000000000000000000001e21", 1)]
    [InlineData("9223372036.854775807", long.MaxValue)]
    [InlineData("9223372036854775807e-9", long.MaxValue)]
    public void Json_StringOrNumber_IsReadExactly(string json, long nanos) =>
        JsonSerializer.Deserialize<Money>(json).Nanos.Should().Be(nanos);

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("\"1e3\"")]
    [InlineData("1e-10")]
    [InlineData("1e10")]
    [InlineData("1e99999999999999999999")]
    [InlineData("1e-99999999999999999999")]
    [InlineData("1.23456789012")]
    public void Json_AnythingElse_IsRefused(string json) =>
        FluentActions.Invoking(() => JsonSerializer.Deserialize<Money>(json)).Should().Throw<JsonException>();

    [Fact]
    public void Json_TokenLongerThanAnyAmount_IsRefused() =>
        FluentActions.Invoking(() => JsonSerializer.Deserialize<Money>("1" + new string('0', 5000))).Should().Throw<JsonException>();

    [Fact]
    public async Task Json_NumberSplitOverBuffers_IsReadExactly()
    {
        var padding = new string(' ', 120);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes($"[{padding}9223372036.854775807]"));
        var read = await JsonSerializer.DeserializeAsync<Money[]>(stream, SmallBuffers);
        read.Should().Equal(Money.MaxValue);
    }

    [Property]
    public void Json_OwnText_RoundTripsAsString(long nanos)
    {
        var money = new Money(nanos);
        var json = JsonSerializer.Serialize(money);
        json.Should().Be($"\"{money}\"");
        JsonSerializer.Deserialize<Money>(json).Should().Be(money);
    }
}
