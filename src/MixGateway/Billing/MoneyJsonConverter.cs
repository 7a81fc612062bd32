using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixGateway.Billing;

/// <summary>Writes an amount as a decimal string; reads a string or a number from its own text, so that no double rounds it on the way.</summary>
internal sealed class MoneyJsonConverter : JsonConverter<Money>
{
    /// <summary>Longer numbers are refused: no amount needs them, and their text is copied.</summary>
    private const int MaxTokenLength = 128;

    /// <inheritdoc/>
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.Number && Length(reader) <= MaxTokenLength)
        {
            Span<char> text = stackalloc char[MaxTokenLength];
            var isNumber = reader.TokenType == JsonTokenType.Number;
            var length = isNumber ? CopyNumber(reader, text) : reader.CopyString(text);
            if (isNumber ? Money.TryParseJsonNumber(text[..length], out var value) : Money.TryParse(text[..length], out value))
            {
                return value;
            }
        }

        throw new JsonException("An amount is a decimal string or number with at most 9 decimals.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[Money.MaxLength];
        value.TryFormat(text, out var written);
        writer.WriteStringValue(text[..written]);
    }

    private static long Length(in Utf8JsonReader reader) => reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;

    private static int CopyNumber(in Utf8JsonReader reader, Span<char> text)
    {
        Span<byte> bytes = stackalloc byte[MaxTokenLength];
        var length = (int)Length(reader);
        if (reader.HasValueSequence)
        {
            reader.ValueSequence.CopyTo(bytes);
        }
        else
        {
            reader.ValueSpan.CopyTo(bytes);
        }

        return Encoding.ASCII.GetChars(bytes[..length], text);
    }
}
