namespace MixGateway.OpenAI;

/// <summary>The lines of one event.</summary>
internal static class SseEvent
{
    /// <summary>Finds the value of the next <c>data</c> line from <paramref name="at"/> on, and moves behind that line.</summary>
    public static bool TryNextData(ReadOnlySpan<byte> bytes, ref int at, out ByteRange value)
    {
        while (at < bytes.Length)
        {
            var start = at;
            var length = bytes[at..].IndexOfAny((byte)'\n', (byte)'\r');
            length = length < 0 ? bytes.Length - at : length;
            at += length + 1; // of CRLF the LF then reads as an empty line, which means nothing inside an event
            var line = bytes.Slice(start, length);
            if (!line.StartsWith("data"u8) || (length > 4 && line[4] != (byte)':'))
            {
                continue;
            }

            var skipped = length == 4 ? 4 : length > 5 && line[5] == (byte)' ' ? 6 : 5;
            value = new ByteRange(start + skipped, length - skipped);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>
    /// Copies the event with everything but the data blanked out, so that several lines of data read as one JSON text in which
    /// every offset is that of the event itself. Blanks are line feeds: space between tokens, an error inside a string, as in the joined data.
    /// </summary>
    public static void KeepDataOnly(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        destination[..bytes.Length].Fill((byte)'\n');
        for (var at = 0; TryNextData(bytes, ref at, out var value);)
        {
            value.Of(bytes).CopyTo(destination[value.Start..]);
        }
    }
}
