namespace MixGateway.OpenAI;

/// <summary>
/// The text that the caller got, for the tokenizer where a provider sends no usage. Keeps the first 64 KiB and counts the rest,
/// so that an estimate of the part can be scaled to the whole.
/// </summary>
/// <param name="budget">What is kept takes from it; null where nobody counts.</param>
internal sealed class DeliveredText(IByteBudget? budget = null) : IDisposable
{
    public const int MaxKept = 64 * 1024;

    private readonly PooledBytes _kept = new(budget);

    /// <summary>The first bytes of the text, UTF-8; may end inside a character.</summary>
    public ReadOnlySpan<byte> Kept => _kept.Span;

    /// <summary>All bytes of the text.</summary>
    public long TotalBytes { get; private set; }

    public void Append(ReadOnlySpan<byte> text)
    {
        TotalBytes += text.Length;
        _kept.Append(text[..Math.Min(text.Length, MaxKept - _kept.Length)]);
    }

    /// <summary>Appends what a JSON string between its quotes means.</summary>
    public void AppendJson(ReadOnlySpan<byte> raw, bool escaped)
    {
        if (!escaped)
        {
            Append(raw);
            return;
        }

        if (_kept.Length == MaxKept)
        {
            TotalBytes += JsonText.UnescapedLength(raw);
            return;
        }

        var written = JsonText.Unescape(raw, _kept.GetSpan(raw.Length), out _);
        TotalBytes += written;
        _kept.Advance(written);
        _kept.Truncate(MaxKept);
    }

    /// <summary>A point to go back to if what follows turns out not to be delivered.</summary>
    public (int Kept, long Total) Mark() => (_kept.Length, TotalBytes);

    public void GoBack((int Kept, long Total) mark)
    {
        _kept.Truncate(mark.Kept);
        TotalBytes = mark.Total;
    }

    public void Dispose() => _kept.Dispose();
}
