using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using MixGateway.Simulator.Scripting;
using MixGateway.Simulator.Wire;

namespace MixGateway.Simulator.Answers;

/// <summary>Answers embeddings: vectors that depend on the input's place alone, model and usage after the data as OpenAI sends them.</summary>
internal static class EmbeddingsAnswer
{
    public static Task<CallEnd> SendAsync(SimulatedCall call)
    {
        int dimensions = call.Request.Dimensions ?? call.Script.Dimensions;
        var json = new ArrayBufferWriter<byte>(512);
        json.Write("{\"object\":\"list\",\"data\":["u8);
        for (int input = 0; input < call.Request.Inputs; input++)
        {
            json.Write(input == 0 ? "{\"object\":\"embedding\",\"index\":"u8 : ",{\"object\":\"embedding\",\"index\":"u8);
            json.Number(input);
            json.Write(",\"embedding\":"u8);
            if (call.Request.Base64)
            {
                AppendBase64(json, input, dimensions);
            }
            else
            {
                AppendNumbers(json, input, dimensions);
            }

            json.Write("}"u8);
        }

        json.Write("],\"model\":"u8);
        json.Write(call.Material.Model);
        AppendUsage(json, call);
        json.Write("}"u8);
        return JsonBody.SendAsync(call, json.WrittenMemory);
    }

    private static float Component(int input, int dimension) => ((((input * 7) + dimension) % 16) - 8) / 16f;

    private static void AppendNumbers(ArrayBufferWriter<byte> json, int input, int dimensions)
    {
        const int LongestFloat = 32;
        for (int i = 0; i < dimensions; i++)
        {
            json.Write(i == 0 ? "["u8 : ","u8);
            Utf8Formatter.TryFormat(Component(input, i), json.GetSpan(LongestFloat), out int written);
            json.Advance(written);
        }

        json.Write("]"u8);
    }

    private static void AppendBase64(ArrayBufferWriter<byte> json, int input, int dimensions)
    {
        byte[] vector = new byte[dimensions * sizeof(float)];
        for (int i = 0; i < dimensions; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(vector.AsSpan(i * sizeof(float)), Component(input, i));
        }

        json.Write("\""u8);
        Base64.EncodeToUtf8(vector, json.GetSpan(Base64.GetMaxEncodedToUtf8Length(vector.Length)), out _, out int written);
        json.Advance(written);
        json.Write("\""u8);
    }

    private static void AppendUsage(ArrayBufferWriter<byte> json, SimulatedCall call)
    {
        if (call.Script.Usage == UsageMode.Never)
        {
            return;
        }

        long prompt = TokenCounts.Of(call, 0, 0).Prompt;
        json.Write(",\"usage\":{\"prompt_tokens\":"u8);
        json.Number(prompt);
        json.Write(",\"total_tokens\":"u8);
        json.Number(prompt);
        json.Write("}"u8);
    }
}
