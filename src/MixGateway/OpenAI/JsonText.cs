using System.Text;

namespace MixGateway.OpenAI;

/// <summary>JSON strings as bytes: quoting, and what an escaped string means.</summary>
/// <remarks>
/// <see cref="System.Text.Json.Utf8JsonReader"/> throws where a string holds half a surrogate pair. Such strings are valid JSON
/// (RFC 8259 §8.2) and providers do send them where a token ends inside an emoji, so here a lone half reads as U+FFFD.
/// </remarks>
internal static class JsonText
{
    private const int Replacement = 0xFFFD;

    private static ReadOnlySpan<byte> HexDigits => "0123456789abcdef"u8;

    /// <summary>The value as a JSON string with its quotes. Only what JSON demands is escaped; the rest stays UTF-8.</summary>
    public static byte[] Quote(string value)
    {
        var text = Encoding.UTF8.GetBytes(value);
        var extra = 0;
        foreach (var b in text)
        {
            extra += b is (byte)'"' or (byte)'\\' ? 1 : b < 0x20 ? 5 : 0;
        }

        var quoted = new byte[text.Length + extra + 2];
        var at = 0;
        quoted[at++] = (byte)'"';
        foreach (var b in text)
        {
            if (b < 0x20)
            {
                "\\u00"u8.CopyTo(quoted.AsSpan(at));
                quoted[at + 4] = HexDigits[b >> 4];
                quoted[at + 5] = HexDigits[b & 15];
                at += 6;
                continue;
            }

            if (b is (byte)'"' or (byte)'\\')
            {
                quoted[at++] = (byte)'\\';
            }

            quoted[at++] = b;
        }

        quoted[at] = (byte)'"';
        return quoted;
    }

    /// <summary>What a string between its quotes means. Uses <paramref name="scratch"/> only where there are escapes.</summary>
    /// <returns>Empty if <paramref name="scratch"/> is shorter than an escaped <paramref name="raw"/>: then it is none of the names that we know.</returns>
    public static ReadOnlySpan<byte> Meaning(ReadOnlySpan<byte> raw, bool escaped, Span<byte> scratch)
    {
        if (!escaped)
        {
            return raw;
        }

        return raw.Length > scratch.Length ? default : scratch[..Unescape(raw, scratch, out _)];
    }

    /// <summary>Writes what <paramref name="raw"/> means; needs at most as many bytes as <paramref name="raw"/> has.</summary>
    /// <param name="exact">False if half a surrogate pair was replaced by U+FFFD.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> destination, out bool exact)
    {
        exact = true;
        var written = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
            {
                raw.CopyTo(destination[written..]);
                return written + raw.Length;
            }

            raw[..plain].CopyTo(destination[written..]);
            written += plain;
            raw = raw[plain..];
            raw = raw[ReadEscape(raw, out var rune, ref exact)..];
            written += new Rune(rune).EncodeToUtf8(destination[written..]);
        }
    }

    /// <summary>How many UTF-8 bytes <paramref name="raw"/> means.</summary>
    public static long UnescapedLength(ReadOnlySpan<byte> raw)
    {
        var exact = true;
        long length = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
            {
                return length + raw.Length;
            }

            raw = raw[plain..];
            raw = raw[ReadEscape(raw, out var rune, ref exact)..];
            length += plain + new Rune(rune).Utf8SequenceLength;
        }
    }

    /// <summary>Reads one escape; a broken one stands for itself.</summary>
    /// <returns>How many bytes of <paramref name="raw"/> it takes, at least one.</returns>
    private static int ReadEscape(ReadOnlySpan<byte> raw, out int rune, ref bool exact)
    {
        rune = '\\';
        if (raw.Length < 2)
        {
            return 1;
        }

        if (raw[1] != (byte)'u')
        {
            rune = raw[1] switch
            {
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'"' => '"',
                (byte)'/' => '/',
                _ => '\\',
            };
            return 2;
        }

        if (!TryReadUnit(raw, out var unit))
        {
            return 1;
        }

        if (!char.IsSurrogate((char)unit))
        {
            rune = unit;
            return 6;
        }

        if (char.IsHighSurrogate((char)unit) && TryReadUnit(raw[6..], out var low) && char.IsLowSurrogate((char)low))
        {
            rune = char.ConvertToUtf32((char)unit, (char)low);
            return 12;
        }

        rune = Replacement;
        exact = false;
        return 6;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> raw, out int unit)
    {
        unit = 0;
        if (raw.Length < 6 || raw[0] != (byte)'\\' || raw[1] != (byte)'u')
        {
            return false;
        }

        foreach (var digit in raw.Slice(2, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }

            unit = (unit << 4) | ((digit & 15) + (digit > '9' ? 9 : 0));
        }

        return true;
    }
}
