using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace MixGateway.Usage;

/// <summary>
/// Counts tokens where a provider did not report them, with the o200k_base vocabulary: the most common of the field, and
/// close for the others. Records made from it say <c>estimated</c>.
/// </summary>
internal sealed class TokenEstimator
{
    /// <summary>What a chat message costs besides its text, and what primes the answer (OpenAI's cookbook on counting tokens).</summary>
    private const int TokensPerMessage = 3;
    private const int TokensPerAnswer = 3;

    /// <summary>A longer string of a prompt is media (base64, a data URI), not text.</summary>
    private const int MediaLength = 4096;

    /// <summary>What one image or file counts for: OpenAI's price of one high-detail tile and the base.</summary>
    private const int TokensPerMediaItem = 255;

    // Loading the vocabulary takes a few hundred milliseconds and tens of megabytes, which most processes never need.
    private readonly Lazy<Tokenizer> _tokenizer = new(() => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    /// <summary>Tokens of an answer of which <paramref name="kept"/> was kept of <paramref name="totalBytes"/> bytes.</summary>
    public long CountAnswer(ReadOnlySpan<byte> kept, long totalBytes) => Scale(CountText(kept), kept.Length, totalBytes);

    /// <summary>
    /// Tokens of a request's prompt: the strings under <c>messages</c>, <c>prompt</c>, <c>input</c> and <c>tools</c>.
    /// </summary>
    /// <param name="body">The body, or its first part.</param>
    /// <param name="totalBytes">The whole body's length; the count of a part is scaled by it.</param>
    public long CountPrompt(ReadOnlySpan<byte> body, long totalBytes)
    {
        var count = 0L;
        var start = body.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var reader = new Utf8JsonReader(body[start..], isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 512 }));
        var counts = false;
        while (Read(ref reader))
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
            {
                counts = reader.ValueTextEquals("messages"u8) || reader.ValueTextEquals("prompt"u8)
                    || reader.ValueTextEquals("input"u8) || reader.ValueTextEquals("tools"u8);
                count += reader.ValueTextEquals("messages"u8) ? TokensPerAnswer : 0;
            }
            else if (counts && reader.TokenType == JsonTokenType.PropertyName)
            {
                count += reader.CurrentDepth == 3 && reader.ValueTextEquals("role"u8) ? TokensPerMessage : 0;
            }
            else if (counts && reader.TokenType == JsonTokenType.String)
            {
                count += CountString(ref reader);
            }
        }

        return Scale(count, body.Length, totalBytes);
    }

    private long CountString(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > MediaLength && !reader.ValueSpan.Contains((byte)' '))
        {
            return TokensPerMediaItem;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(reader.ValueSpan.Length, 1));
        try
        {
            return CountText(buffer.AsSpan(0, reader.CopyString(buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private long CountText(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return 0;
        }

        var chars = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            return _tokenizer.Value.CountTokens(chars.AsSpan(0, Encoding.UTF8.GetChars(utf8, chars)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    /// <summary>The body was accepted as JSON before; only a cut at the sample's end may break it, and then the count so far is scaled.</summary>
    private static bool Read(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static long Scale(long count, long keptBytes, long totalBytes) =>
        keptBytes == 0 || totalBytes <= keptBytes ? count : (long)((Int128)count * totalBytes / keptBytes);
}
