using System.Text;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class AnswerFormsTests
{
    [Theory]
    [InlineData("{\"a\":1}", nameof(AnswerForm.Json))]
    [InlineData(": comment", nameof(AnswerForm.EventStream))]
    [InlineData("data: {}", nameof(AnswerForm.EventStream))]
    [InlineData("data\n", nameof(AnswerForm.EventStream))]
    [InlineData("event: message\ndata: {}", nameof(AnswerForm.EventStream))]
    [InlineData("id:7", nameof(AnswerForm.EventStream))]
    [InlineData("retry: 10", nameof(AnswerForm.EventStream))]
    [InlineData("<html>", nameof(AnswerForm.Unknown))]
    [InlineData("[{\"error\":1}]", nameof(AnswerForm.Unknown))]
    [InlineData("Internal Server Error", nameof(AnswerForm.Unknown))]
    [InlineData("database error", nameof(AnswerForm.Unknown))]
    [InlineData("identity", nameof(AnswerForm.Unknown))]
    public void Tell_FirstBytes_SayWhatItIs(string text, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        AnswerForms.Tell(bytes, out var certain).ToString().Should().Be(expected);
        certain.Should().BeTrue();

        // With fewer bytes it is either the same already, or not certain yet.
        for (var length = 1; length < bytes.Length; length++)
        {
            var form = AnswerForms.Tell(bytes.AsSpan(0, length), out certain);
            (!certain || form.ToString() == expected).Should().BeTrue("of {0} bytes", length);
        }
    }
}
