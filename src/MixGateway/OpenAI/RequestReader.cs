using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MixGateway.OpenAI;

/// <summary>Reads a request's body once, as bytes, and says what is wrong with it in words that its author can act on.</summary>
internal static class RequestReader
{
    /// <summary>Deeper documents are refused; real tool schemas stay below 30.</summary>
    public const int MaxDepth = 512;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <param name="body">The whole body. A UTF-8 byte order mark before it is kept.</param>
    /// <param name="error">Status 400, with the parameter named where it is one parameter's fault.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> body,
        ApiOperation operation,
        [NotNullWhen(true)] out RequestEnvelope? envelope,
        [NotNullWhen(false)] out OpenAIError? error)
    {
        envelope = null;
        error = CheckText(body);
        if (error is not null)
        {
            return false;
        }

        var reader = CreateReader(body, out var start);
        var scan = new RequestScan(body, reader, start, operation);
        try
        {
            scan.Run();
        }
        catch (JsonException exception)
        {
            error = Describe(body, start, exception);
            return false;
        }

        error = scan.Error;
        envelope = error is null ? scan.ToEnvelope() : null;
        return envelope is not null;
    }

    internal static Utf8JsonReader CreateReader(ReadOnlySpan<byte> body, out int start)
    {
        start = body.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        return new Utf8JsonReader(body[start..], new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>The reader itself does not look at the UTF-8 inside strings.</summary>
    private static OpenAIError? CheckText(ReadOnlySpan<byte> body)
    {
        if (body.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return OpenAIErrors.InvalidJson("The request body is empty. Send a JSON object with at least 'model'.");
        }

        if (Utf8.IsValid(body))
        {
            return null;
        }

        var offset = 0;
        while (Rune.DecodeFromUtf8(body[offset..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            offset += length;
        }

        return OpenAIErrors.InvalidJson($"The request body is not valid UTF-8: look at byte {Text(offset)}. Send it as UTF-8.");
    }

    /// <summary>The reader's own message may quote the body at length and counts by lines; this one gives the byte and no more than one character.</summary>
    private static OpenAIError Describe(ReadOnlySpan<byte> body, int start, JsonException exception)
    {
        var offset = Math.Clamp(start + Offset(body[start..], exception), 0, body.Length);
        if (IsTooDeep(body[start..Math.Min(offset + 1, body.Length)]))
        {
            return OpenAIErrors.InvalidJson($"The request body is nested deeper than {Text(MaxDepth)} levels at byte {Text(offset)}. Send a flatter document.");
        }

        if (offset == body.Length)
        {
            return OpenAIErrors.InvalidJson($"The request body is not valid JSON: it ends too early, after byte {Text(offset)}. Was it cut?");
        }

        var found = body[offset] is > 0x20 and < 0x7F ? $"'{(char)body[offset]}'" : $"byte 0x{body[offset]:x2}";
        return OpenAIErrors.InvalidJson($"The request body is not valid JSON: {found} at byte {Text(offset)} does not belong there.");
    }

    private static int Offset(ReadOnlySpan<byte> json, JsonException exception)
    {
        var lineStart = 0;
        for (var line = exception.LineNumber ?? 0; line > 0; line--)
        {
            lineStart += json[lineStart..].IndexOf((byte)'\n') + 1;
        }

        return lineStart + (int)(exception.BytePositionInLine ?? 0);
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> readPart)
    {
        var depth = 0;
        var inString = false;
        for (var i = 0; i < readPart.Length; i++)
        {
            switch (readPart[i])
            {
                case (byte)'"':
                    inString = !inString;
                    break;
                case (byte)'\\' when inString:
                    i++;
                    break;
                case (byte)'{' or (byte)'[' when !inString:
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when !inString:
                    depth--;
                    break;
            }
        }

        return depth > MaxDepth;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
