using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixGateway.Usage;

/// <summary>
/// A record as gateways write it for each other into the hot store. The first byte names the format, so that replicas of
/// neighbouring versions can run side by side: what a newer one added is ignored, what is missing has its default.
/// </summary>
internal static class RecordPayload
{
    private const byte Format = (byte)'1';

    /// <summary>Twice a call and at each heartbeat, so what it is written with is kept; only the payload itself is new.</summary>
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static ReadOnlyMemory<byte> Write(UsageRecord record)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        var writer = _writer ??= new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        buffer.ResetWrittenCount();
        buffer.GetSpan(1)[0] = Format;
        buffer.Advance(1);
        writer.Reset(buffer);
        JsonSerializer.Serialize(writer, record, RecordJson.Default.UsageRecord);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>False for a format that this version does not know, or a damaged payload.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out UsageRecord? record)
    {
        record = null;
        if (payload.IsEmpty || payload[0] != Format)
        {
            return false;
        }

        try
        {
            record = JsonSerializer.Deserialize(payload[1..], RecordJson.Default.UsageRecord);
            return record is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

[JsonSerializable(typeof(UsageRecord))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class RecordJson : JsonSerializerContext;
