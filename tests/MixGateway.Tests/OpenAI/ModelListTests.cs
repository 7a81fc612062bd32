using System.Buffers;
using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class ModelListTests
{
    private static readonly ListedModel Model =
        new("deepseek:deepseek-chat", 1772183892, "deepseek", 131072, null, [new("currency", "USD"), new("input", "0.28")]);

    private const string Json =
        """{"id":"deepseek:deepseek-chat","object":"model","created":1772183892,"owned_by":"deepseek","context_length":131072,"pricing":{"currency":"USD","input":"0.28"}}""";

    [Fact]
    public void Write_Models_IsOpenAIsListWithMore()
    {
        var output = new ArrayBufferWriter<byte>();

        ModelList.Write(output, [Model, Model]);

        Encoding.UTF8.GetString(output.WrittenSpan).Should().Be($$"""{"object":"list","data":[{{Json}},{{Json}}]}""");
    }

    [Fact]
    public void Write_NoModels_IsAnEmptyList()
    {
        var output = new ArrayBufferWriter<byte>();

        ModelList.Write(output, []);

        Encoding.UTF8.GetString(output.WrittenSpan).Should().Be("""{"object":"list","data":[]}""");
    }

    [Fact]
    public void WriteOne_Model_IsTheObjectAlone()
    {
        var output = new ArrayBufferWriter<byte>();

        ModelList.WriteOne(output, Model);

        Encoding.UTF8.GetString(output.WrittenSpan).Should().Be(Json);
    }
}
