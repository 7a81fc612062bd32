using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>The one place that writes the error body.</summary>
internal static class OpenAIErrorWriter
{
    /// <summary>The body is always application/json, so nothing needs escaping for HTML's sake.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The number of bytes written.</returns>
    public static int Write(IBufferWriter<byte> output, OpenAIError error, ReadOnlySpan<char> requestId)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("type"u8, error.Type);
        writer.WriteString("param"u8, error.Param);
        writer.WriteString("code"u8, error.Code);
        writer.WriteEndObject();
        writer.WriteString("request_id"u8, requestId);
        writer.WriteEndObject();
        writer.Flush();
        return (int)writer.BytesCommitted;
    }

    /// <summary>Writes the error as an event of its own, for an answer that has begun.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int WriteEvent(IBufferWriter<byte> output, OpenAIError error, ReadOnlySpan<char> requestId)
    {
        output.Write("data: "u8);
        var length = Write(output, error, requestId);
        output.Write("\n\n"u8);
        return length + 8;
    }
}
