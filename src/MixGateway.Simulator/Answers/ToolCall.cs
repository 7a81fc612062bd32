using System.Buffers;

namespace MixGateway.Simulator.Answers;

/// <summary>A tool call whose arguments are <c>{"steps":[1,2,…]}</c>, one number a chunk, so that all chunks together are valid JSON.</summary>
internal static class ToolCall
{
    private const string DefaultName = "get_weather";

    /// <summary>The whole call, as in a JSON answer.</summary>
    public static void AppendWhole(IBufferWriter<byte> buffer, string? name, int steps)
    {
        buffer.Write("{"u8);
        AppendHead(buffer, name);
        for (int step = 0; step < steps; step++)
        {
            AppendArguments(buffer, step, steps);
        }

        buffer.Write("\"}}"u8);
    }

    /// <summary>One chunk of the call; the first one has its id and name.</summary>
    public static void AppendChunk(IBufferWriter<byte> buffer, string? name, int step, int steps)
    {
        buffer.Write("{\"index\":0,"u8);
        if (step == 0)
        {
            AppendHead(buffer, name);
        }
        else
        {
            buffer.Write("\"function\":{\"arguments\":\""u8);
        }

        AppendArguments(buffer, step, steps);
        buffer.Write("\"}}"u8);
    }

    private static void AppendHead(IBufferWriter<byte> buffer, string? name)
    {
        buffer.Write("\"id\":\"call_simulated\",\"type\":\"function\",\"function\":{\"name\":"u8);
        buffer.String(name ?? DefaultName);
        buffer.Write(",\"arguments\":\""u8);
    }

    private static void AppendArguments(IBufferWriter<byte> buffer, int step, int steps)
    {
        buffer.Write(step == 0 ? "{\\\"steps\\\":["u8 : ","u8);
        buffer.Number(step + 1);
        if (step == steps - 1)
        {
            buffer.Write("]}"u8);
        }
    }
}
