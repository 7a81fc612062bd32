using MixGateway.Console.Ui;

namespace MixGateway.Tests.Console;

public sealed class CsvTests
{
    [Theory]
    [InlineData(null, "\"\"")]
    [InlineData("", "\"\"")]
    [InlineData("deepseek:deepseek-chat", "\"deepseek:deepseek-chat\"")]
    [InlineData("a \"b\" c", "\"a \"\"b\"\" c\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    public void Text_OfAnyKind_IsInQuotes(string? text, string expected) => Csv.Quote(text).Should().Be(expected);

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData(" =1", " '=1")]
    [InlineData("a;=1", "a;'=1")]
    [InlineData("a,=1", "a,'=1")]
    [InlineData("a\t@x", "a\t'@x")]
    [InlineData("a|+1", "a|'+1")]
    [InlineData("a\n=1", "a\n'=1")]
    [InlineData("a; -1", "a; '-1")]
    [InlineData("\uFF1D1", "'\uFF1D1")]
    [InlineData("a=b-c", "a=b-c")]
    [InlineData("gpt-5-mini", "gpt-5-mini")]
    public void Formula_AtTheBeginningOrBehindASeparator_IsMadeText(string text, string expected) => Csv.Quote(text).Should().Be($"\"{expected}\"");

    [Fact]
    public void Formula_BehindAQuote_IsMadeText() => Csv.Quote("\"=1").Should().Be("\"\"\"'=1\"");

    [Fact]
    public void Line_OfFields_QuotesEachAndLeavesNumbersAlone() =>
        Csv.Line("a;=1", -5, null, Guid.Empty, 1.5m).Should().Be($"\"a;'=1\",\"-5\",\"\",\"{Guid.Empty}\",\"1.5\"");
}
