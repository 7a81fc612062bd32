using System.Text;

namespace MixGateway.OpenAI;

/// <summary>The lines of one event.</summary>
internal static class SseEvent
{
    private const int LongestSignOfLife = 16;

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

    /// <summary>Whether every line is a comment or begins with a field's name (WHATWG HTML §9.2.6); a cut or empty event has nothing else.</summary>
    public static bool HasOnlyFields(ReadOnlySpan<byte> bytes)
    {
        foreach (var range in bytes.SplitAny((byte)'\n', (byte)'\r'))
        {
            var line = bytes[range];
            var colon = line.IndexOf((byte)':');
            var name = colon < 0 ? line : line[..colon];
            if (!name.IsEmpty && !name.SequenceEqual("event"u8) && !name.SequenceEqual("data"u8) && !name.SequenceEqual("id"u8) && !name.SequenceEqual("retry"u8))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the data is one of the words that some servers send in the place of a comment while they wait.</summary>
    public static bool IsSignOfLife(ReadOnlySpan<byte> data)
    {
        if (data.Length > LongestSignOfLife || data[0] == (byte)'{')
        {
            return false;
        }

        var word = data.Trim("[]\""u8);
        return Ascii.EqualsIgnoreCase(word, "ping"u8) || Ascii.EqualsIgnoreCase(word, "heartbeat"u8)
            || Ascii.EqualsIgnoreCase(word, "keep-alive"u8) || Ascii.EqualsIgnoreCase(word, "keepalive"u8);
    }

    /// <summary>Whether the event has this type.</summary>
    public static bool IsNamed(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name)
    {
        // Chat's events have no names: nearly every event begins with its data.
        if (bytes.StartsWith("data"u8) && bytes.IndexOf("event:"u8) < 0)
        {
            return false;
        }

        foreach (var range in bytes.SplitAny((byte)'\n', (byte)'\r'))
        {
            var line = bytes[range];
            if (line.StartsWith("event:"u8) && line[6..].TrimStart((byte)' ').SequenceEqual(name))
            {
                return true;
            }
        }

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
