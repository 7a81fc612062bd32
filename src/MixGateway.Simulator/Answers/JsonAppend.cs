using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MixGateway.Simulator.Answers;

/// <summary>Writes JSON as bytes from ready-made parts: nothing is reflected over and nothing is written twice.</summary>
internal static class JsonAppend
{
    private const int LongestNumber = 20;

    public static void Number(this IBufferWriter<byte> buffer, long number)
    {
        Utf8Formatter.TryFormat(number, buffer.GetSpan(LongestNumber), out int written);
        buffer.Advance(written);
    }

    /// <summary>A JSON string with its quotes.</summary>
    public static void String(this IBufferWriter<byte> buffer, ReadOnlySpan<char> text)
    {
        buffer.Write("\""u8);
        buffer.Write(Escape(text));
        buffer.Write("\""u8);
    }

    /// <summary>Text as it stands between the quotes of a JSON string.</summary>
    public static ReadOnlySpan<byte> Escape(ReadOnlySpan<char> text) =>
        JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
}
