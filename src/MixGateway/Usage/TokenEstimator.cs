using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;
using MixGateway.OpenAI;

namespace MixGateway.Usage;

/// <summary>What a request holds, as it was measured when it was read.</summary>
/// <param name="TextBytes"><see cref="RequestEnvelope.TextBytes"/>.</param>
/// <param name="MediaItems"><see cref="RequestEnvelope.MediaItems"/>.</param>
/// <param name="Operation">Says where in the request media may stand.</param>
internal readonly record struct PromptSize(long TextBytes, int MediaItems, ApiOperation Operation = ApiOperation.ChatCompletions);

/// <summary>
/// Counts tokens where a provider did not report them, with the o200k_base vocabulary: the most common of the field, and
/// close for the others. Records made from it say <c>estimated</c>.
/// </summary>
internal sealed class TokenEstimator
{
    /// <summary>What a chat message costs besides its text, and what primes the answer (OpenAI's cookbook on counting tokens).</summary>
    private const int TokensPerMessage = 3;
    private const int TokensPerAnswer = 3;

    /// <summary>What one image or file counts for, also one that is referred to: OpenAI's price of one high-detail tile and the base.</summary>
    private const int TokensPerMediaItem = 255;

    /// <summary>Characters that are tokenized at one time.</summary>
    private const int MaxSlice = 512;

    // Loading the vocabulary takes a few hundred milliseconds and tens of megabytes, which most processes never need.
    private readonly Lazy<Tokenizer> _tokenizer = new(() => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    /// <summary>Tokens of an answer of which <paramref name="kept"/> was kept of <paramref name="totalBytes"/> bytes.</summary>
    public long CountAnswer(ReadOnlySpan<byte> kept, long totalBytes) => Scale(CountText(kept), kept.Length, totalBytes);

    /// <summary>
    /// Tokens of a request's prompt: the strings under <c>messages</c>, <c>prompt</c>, <c>input</c> and <c>tools</c>, and its media.
    /// </summary>
    /// <param name="body">The body, or its first part.</param>
    /// <param name="size">Of the whole body: the count of a part is scaled by its text, so that the bytes of pictures weigh nothing.</param>
    public long CountPrompt(ReadOnlySpan<byte> body, PromptSize size)
    {
        var count = 0L;
        var start = body.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var reader = new Utf8JsonReader(body[start..], isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = RequestReader.MaxDepth }));
        var meter = new PromptMeter(size.Operation);
        var counts = false;
        while (Read(ref reader))
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
            {
                meter.BeginMember(reader.ValueSpan, reader.ValueIsEscaped);
                counts = reader.ValueTextEquals("messages"u8) || reader.ValueTextEquals("prompt"u8)
                    || reader.ValueTextEquals("input"u8) || reader.ValueTextEquals("tools"u8);
                count += reader.ValueTextEquals("messages"u8) ? TokensPerAnswer : 0;
                continue;
            }

            var before = meter.TextBytes;
            meter.Add(ref reader);
            if (counts && reader.TokenType == JsonTokenType.PropertyName)
            {
                count += reader.CurrentDepth == 3 && reader.ValueTextEquals("role"u8) ? TokensPerMessage : 0;
            }
            else if (counts && reader.TokenType == JsonTokenType.String && IsText(meter, before))
            {
                count += CountString(reader.ValueSpan);
            }
        }

        // A sample mostly ends inside of a string: a long prompt may have no other.
        if (counts && body[(start + (int)reader.BytesConsumed)..].TrimStart(" \t\r\n,:"u8) is [(byte)'"', .. var cut])
        {
            var before = meter.TextBytes;
            meter.AddCutString(cut, reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartArray ? 1 : 0));
            count += IsText(meter, before) ? CountString(cut) : 0;
        }

        return Scale(count, meter.TextBytes, size.TextBytes) + ((long)size.MediaItems * TokensPerMediaItem);
    }

    /// <summary>Of media the meter counts the quotes and the comma alone.</summary>
    private static bool IsText(in PromptMeter meter, long before) => meter.TextBytes - before > 3;

    private long CountString(ReadOnlySpan<byte> raw)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(raw.Length, 1));
        try
        {
            return CountText(buffer.AsSpan(0, JsonText.Unescape(raw, buffer, out _)));
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
            return CountSlices(chars.AsSpan(0, Encoding.UTF8.GetChars(utf8, chars)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    /// <summary>
    /// The tokenizer's time is quadratic in the length of a word: 65,000 times the same letter takes more than a second. So the text is cut
    /// before a space, which changes no count, and within a word only where it is longer than any word of a language.
    /// </summary>
    private long CountSlices(ReadOnlySpan<char> text)
    {
        var count = 0L;
        while (text.Length > MaxSlice)
        {
            var length = text[1..MaxSlice].LastIndexOf(' ') + 1;
            if (length == 0)
            {
                length = char.IsHighSurrogate(text[MaxSlice - 1]) ? MaxSlice - 1 : MaxSlice;
            }

            count += _tokenizer.Value.CountTokens(text[..length]);
            text = text[length..];
        }

        return count + _tokenizer.Value.CountTokens(text);
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
