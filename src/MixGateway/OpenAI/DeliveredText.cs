using System.Buffers;

namespace MixGateway.OpenAI;

/// <summary>A point in a <see cref="DeliveredText"/> to go back to.</summary>
internal readonly record struct TextMark(int Kept, long Total, PayloadSieve Sieve);

/// <summary>
/// The text that the caller got, for the tokenizer where a provider sends no usage. Keeps the first 64 KiB and counts the rest,
/// so that an estimate of the part can be scaled to the whole. The bytes of embedded files are not text.
/// </summary>
/// <param name="budget">What is kept takes from it; null where nobody counts.</param>
internal sealed class DeliveredText(IByteBudget? budget = null) : IDisposable
{
    public const int MaxKept = 64 * 1024;

    private readonly PooledBytes _kept = new(budget);
    private PayloadSieve _sieve;

    /// <summary>The first bytes of the text, UTF-8; may end inside a character.</summary>
    public ReadOnlySpan<byte> Kept => _kept.Span;

    /// <summary>All bytes of the text.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Whether any of it was reasoning.</summary>
    public bool HasReasoning { get; set; }

    public void Append(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            var length = _sieve.NextText(ref text);
            Take(text[..length]);
            text = text[length..];
        }
    }

    /// <summary>Appends what a JSON string between its quotes means.</summary>
    public void AppendJson(ReadOnlySpan<byte> raw, bool escaped)
    {
        if (!escaped)
        {
            Append(raw);
            return;
        }

        var meant = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            Append(meant.AsSpan(0, JsonText.Unescape(raw, meant, out _)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(meant);
        }
    }

    /// <summary>A point to go back to if what follows turns out not to be delivered.</summary>
    public TextMark Mark() => new(_kept.Length, TotalBytes, _sieve);

    public void GoBack(TextMark mark)
    {
        _kept.Truncate(mark.Kept);
        TotalBytes = mark.Total;
        _sieve = mark.Sieve;
    }

    public void Dispose() => _kept.Dispose();

    private void Take(ReadOnlySpan<byte> text)
    {
        TotalBytes += text.Length;
        _kept.Append(text[..Math.Min(text.Length, MaxKept - _kept.Length)]);
    }
}
