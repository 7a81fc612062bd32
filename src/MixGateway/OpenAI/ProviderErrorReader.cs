using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>
/// Reads the error bodies that are met in the field: OpenAI's object, a bare text under <c>error</c>, <c>message</c> at the root,
/// FastAPI's <c>detail</c> (a text, or a list of findings), an array around any of them. A body that was cut gives what came before the cut.
/// </summary>
internal static class ProviderErrorReader
{
    /// <summary>Lists and objects inside of each other: as deep as an error inside of a choice, or the details of Google's.</summary>
    private const int MaxDepth = 6;

    /// <summary>No text longer than this is taken, in bytes.</summary>
    private const int MaxTextBytes = 16 * 1024;

    /// <returns>False if the body is no JSON or names neither message, type nor code.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ProviderError? error)
    {
        var reader = RequestReader.CreateReader(body, out _);
        var found = new Found();
        try
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Read();
            }

            ReadObject(ref reader, found, MaxDepth);
        }
        catch (JsonException)
        {
            // What was found before the broken place still explains more than nothing.
        }

        error = found.Message is null && found.Type is null && found.Code is null && found.StatusCode is null
            ? null
            : new ProviderError(found.Message, found.Type, found.Param, found.Code ?? found.StatusCode, found.Reason ?? found.Status);
        return error is not null;
    }

    private static void ReadObject(ref Utf8JsonReader reader, Found found, int depthLeft)
    {
        if (reader.TokenType != JsonTokenType.StartObject || depthLeft <= 0)
        {
            reader.Skip();
            return;
        }

        Span<byte> scratch = stackalloc byte[96];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch);
            if (name.SequenceEqual("error"u8) || name.SequenceEqual("detail"u8) || name.SequenceEqual("errors"u8)
                || name.SequenceEqual("base_resp"u8) || name.SequenceEqual("choices"u8) || name.SequenceEqual("details"u8))
            {
                reader.Read();
                ReadError(ref reader, found, depthLeft);
            }
            else if (name.SequenceEqual("message"u8) || name.SequenceEqual("msg"u8) || name.SequenceEqual("error_msg"u8)
                || name.SequenceEqual("status_msg"u8) || name.SequenceEqual("error_message"u8))
            {
                Read(ref reader, ref found.Message);
            }
            else if (name.SequenceEqual("type"u8))
            {
                Read(ref reader, ref found.Type);
            }
            else if (name.SequenceEqual("param"u8))
            {
                Read(ref reader, ref found.Param);
            }
            else if (name.SequenceEqual("code"u8) || name.SequenceEqual("status_code"u8) || name.SequenceEqual("error_code"u8))
            {
                Read(ref reader, ref found.Code);
            }
            else if (name.SequenceEqual("reason"u8))
            {
                Read(ref reader, ref found.Reason);
            }
            else if (name.SequenceEqual("status"u8))
            {
                // Google's word, or the number of RFC 9457.
                reader.Read();
                Keep(ref reader, ref reader.TokenType == JsonTokenType.Number ? ref found.StatusCode : ref found.Status);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadError(ref Utf8JsonReader reader, Found found, int depthLeft)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                found.Message ??= Text(ref reader);
                break;
            case JsonTokenType.StartObject:
                ReadObject(ref reader, found, depthLeft - 1);
                break;
            case JsonTokenType.StartArray when depthLeft > 0:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    ReadError(ref reader, found, depthLeft - 1);
                }

                break;
            default:
                reader.Skip();
                break;
        }
    }

    /// <summary>Keeps the first text or number given under a name.</summary>
    private static void Read(ref Utf8JsonReader reader, ref string? field)
    {
        reader.Read();
        Keep(ref reader, ref field);
    }

    private static void Keep(ref Utf8JsonReader reader, ref string? field)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
        {
            field ??= Text(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        if (raw.Length > MaxTextBytes)
        {
            raw = raw[..MaxTextBytes];
        }

        if (!reader.ValueIsEscaped)
        {
            return raw.IsEmpty ? null : Encoding.UTF8.GetString(raw);
        }

        var meant = new byte[raw.Length];
        return Encoding.UTF8.GetString(meant, 0, JsonText.Unescape(raw, meant, out _));
    }

    private sealed class Found
    {
        public string? Message;
        public string? Type;
        public string? Param;
        public string? Code;
        public string? Reason;
        public string? Status;
        public string? StatusCode;
    }
}
