using System.Buffers;
using System.Text;
using System.Text.Json;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class OpenAIErrorWriterTests
{
    [Fact]
    public void Write_Error_HasOpenAIsShapeAndTheRequestId()
    {
        var output = new ArrayBufferWriter<byte>();

        var length = OpenAIErrorWriter.Write(output, OpenAIErrors.InvalidParameter("model", "Use 'a' & <b>, \"你好\"\n"), "01890000");

        length.Should().Be(output.WrittenCount);
        Encoding.UTF8.GetString(output.WrittenSpan).Should().Be(
            """{"error":{"message":"Use 'a' & <b>, \"你好\"\n","type":"invalid_request_error","param":"model","code":null},"request_id":"01890000"}""");
    }

    [Fact]
    public void WriteEvent_Error_IsOneEvent()
    {
        var output = new ArrayBufferWriter<byte>();

        var length = OpenAIErrorWriter.WriteEvent(output, OpenAIErrors.UpstreamError("It broke.\r\n\r\ndata: x"), "1");

        length.Should().Be(output.WrittenCount);
        var text = Encoding.UTF8.GetString(output.WrittenSpan);
        text.Should().StartWith("data: {\"error\":").And.EndWith("}\n\n");
        text.TrimEnd('\n').Should().NotContain("\n").And.NotContain("\r");
    }

    [Fact]
    public void Write_MessageWithHalfASurrogatePair_StaysValidJson()
    {
        var output = new ArrayBufferWriter<byte>();

        OpenAIErrorWriter.Write(output, OpenAIErrors.UpstreamError("a\ud800b"), "1");

        JsonDocument.Parse(output.WrittenMemory).RootElement.GetProperty("error").GetProperty("message").GetString().Should().Be("a\uFFFDb");
    }
}
