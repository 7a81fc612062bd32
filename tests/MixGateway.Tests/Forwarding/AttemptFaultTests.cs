using System.Text;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

/// <summary>A provider's words say what is wrong, and never what the caller wrote.</summary>
public sealed class AttemptFaultTests
{
    private const string Body = """{"model": "gpt-5-mini", "max_completion_tokens": 999999, "messages": [{"role": "user", "content": "Meet Rumpelstiltskin at the old mill, code word-7731-blue"}]}""";

    [Theory]
    [InlineData("Rate limit reached for requests per minute", "Rate limit reached for requests per minute")]
    [InlineData("Invalid value for 'max_completion_tokens': at most 16384", "Invalid value for 'max_completion_tokens': at most 16384")]
    [InlineData("The model gpt-5-mini is overloaded", "The model gpt-5-mini is overloaded")]
    [InlineData("Cannot parse 'Meet Rumpelstiltskin at the old mill'", "Cannot parse '…'")]
    [InlineData("Refused by policy: Rumpelstiltskin", "Refused by policy: …")]
    [InlineData("Input has word-7731-blue in it", "Input has … in it")]
    [InlineData("one\r\ntwo\u001b[31m", "one two [31m")]
    public void Words_OfAProvider_LoseWhatTheyRepeatOfTheRequest(string said, string logged) =>
        AttemptFault.Shorten(said, Encoding.UTF8.GetBytes(Body), "gpt-5-mini").Should().Be(logged);

    [Fact]
    public void Words_ThatAreAPage_AreCut() =>
        AttemptFault.Shorten(string.Concat(Enumerable.Repeat("error ", 1_000)), default, "").Should().HaveLength(301).And.EndWith("…");
}
