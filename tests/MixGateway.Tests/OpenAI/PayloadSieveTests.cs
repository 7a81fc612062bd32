using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class PayloadSieveTests
{
    [Theory]
    [InlineData("no file at all", "no file at all")]
    [InlineData("![](data:image/png;base64,iVBORw0KGgo=) a cat", "![](data:image/png;base64,) a cat")]
    [InlineData("data:;base64,AAAA;base64,BBBB", "data:;base64,;base64,")]
    [InlineData("data:x;base64,AA_-+/= end", "data:x;base64, end")]
    [InlineData("data:x;base64,AA\\/BB\" end", "data:x;base64,\" end")]
    [InlineData(";base64", ";base64")]
    [InlineData(";;base64,QQQ", ";;base64,")]
    [InlineData(";base6;base64,QQQ.", ";base6;base64,.")]
    public void Append_EmbeddedFile_IsNoTextHoweverItIsCut(string written, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(written);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                using var text = new DeliveredText();
                text.Append(bytes.AsSpan(0, first));
                text.Append(bytes.AsSpan(first, second - first));
                text.Append(bytes.AsSpan(second));

                Encoding.UTF8.GetString(text.Kept).Should().Be(expected, "cut at {0} and {1}", first, second);
                text.TotalBytes.Should().Be(expected.Length);
            }
        }
    }

    [Fact]
    public void GoBack_IntoAPayload_GoesOnThere()
    {
        using var text = new DeliveredText();
        text.Append("data:x;base64,AAAA"u8);
        var mark = text.Mark();
        text.Append(" seen"u8);

        text.GoBack(mark);
        text.Append("BBBB."u8);

        Encoding.UTF8.GetString(text.Kept).Should().Be("data:x;base64,.");
    }
}
