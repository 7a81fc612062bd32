using System.Buffers;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace MixGateway.Forwarding;

/// <summary>
/// How the bytes of request headers become text. Kestrel takes UTF-8 by default and answers anything else with a bare 400 before any of
/// our code runs: a key that was copied with a no-break space, or a page's title in Latin-1. As Latin-1 every byte is a character, and
/// the check of the key says what is wrong.
/// </summary>
internal static class HeaderEncodings
{
    private static readonly Encoding Length = new DigitsEncoding();

    /// <summary>For <c>KestrelServerOptions.RequestHeaderEncodingSelector</c>.</summary>
    public static Encoding Select(string name) =>
        string.Equals(name, HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase) ? Length : Encoding.Latin1;

    /// <summary>
    /// Digits as they are, and for anything else a text that is no number. RFC 9110 allows digits only, but the parsers behind this take
    /// <c>+36</c> too: a proxy that reads it otherwise would disagree with us about where the request ends.
    /// </summary>
    private sealed class DigitsEncoding : Encoding
    {
        private const char NoDigit = '?';

        private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

        public override int GetByteCount(char[] chars, int index, int count) => count;

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetCharCount(byte[] bytes, int index, int count) => count;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
            GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

        public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
        {
            if (bytes.IsEmpty || bytes.Length > chars.Length || bytes.ContainsAnyExcept(Digits))
            {
                chars[0] = NoDigit;
                return 1;
            }

            return ASCII.GetChars(bytes, chars);
        }

        public override int GetMaxByteCount(int charCount) => charCount;

        public override int GetMaxCharCount(int byteCount) => byteCount;
    }
}
