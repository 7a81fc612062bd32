using System.Buffers;
using System.Buffers.Text;

namespace MixGateway.Simulator.Answers;

/// <summary>The members that every answer of a call begins with.</summary>
internal static class AnswerHead
{
    private const int GuidLength = 32;

    /// <summary>Appends <c>{"id":…,"object":…,"created":…,</c>.</summary>
    public static void Append(IBufferWriter<byte> buffer, SimulatedCall call, ReadOnlySpan<byte> kind)
    {
        DateTimeOffset now = call.Time.GetUtcNow();
        buffer.Write(call.Operation == Operation.Chat ? "{\"id\":\"chatcmpl-"u8 : "{\"id\":\"cmpl-"u8);
        Utf8Formatter.TryFormat(Guid.CreateVersion7(now), buffer.GetSpan(GuidLength), out int written, 'N');
        buffer.Advance(written);
        buffer.Write("\",\"object\":\""u8);
        buffer.Write(kind);
        buffer.Write("\",\"created\":"u8);
        buffer.Number(now.ToUnixTimeSeconds());
        buffer.Write(","u8);
    }
}
