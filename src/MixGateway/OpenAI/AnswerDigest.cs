namespace MixGateway.OpenAI;

/// <summary>
/// A small JSON document with what an <see cref="AnswerJudge"/> looks at in an answer that is too long to hold: long texts are cut, deep
/// and foreign values are left empty, everything else is as it was sent. Beyond its bound it stops, and says so.
/// </summary>
/// <remarks>
/// Depths count from the root object as 1: <c>choices</c> is a list at 2, a choice at 3, its message at 4. Nothing deeper matters to the
/// judgment; the text inside goes to a <see cref="DeliveredText"/> by itself.
/// </remarks>
/// <param name="budget">What is kept takes from it; null where nobody counts.</param>
internal sealed class AnswerDigest(IByteBudget? budget) : IDisposable
{
    /// <summary>128 choices with their identifiers fit well.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The deepest container whose contents are kept.</summary>
    private const int MaxDepth = 4;

    /// <summary>Raw bytes that are kept of a string; an escape that begins before <see cref="LastEscape"/> ends before it.</summary>
    private const int MaxString = 256;
    private const int LastEscape = MaxString - 16;

    private readonly PooledBytes _json = new(budget);
    private int _stringLength;
    private bool _stringCut;
    private bool _skipping;

    /// <summary>The document, if it is whole and <see cref="Overflowed"/> is false.</summary>
    public ReadOnlySpan<byte> Json => _json.Span;

    /// <summary>Whether the answer has too much in the places that are looked at.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>A top-level value begins of which nothing is kept but that it is there.</summary>
    /// <param name="placeholder">A whole JSON value.</param>
    public void BeginSkipped(ReadOnlySpan<byte> placeholder)
    {
        Append(placeholder);
        _skipping = true;
    }

    /// <summary>The top-level value is over.</summary>
    public void EndValue() => _skipping = false;

    /// <summary>A string begins; its quotes are not part of what <see cref="AppendString"/> gets.</summary>
    public void BeginString(int depth)
    {
        _stringLength = 0;
        _stringCut = depth > MaxDepth;
        AppendAt(depth, "\""u8);
    }

    /// <summary>The next raw bytes of the string, never ending inside of an escape that was begun before <see cref="LastEscape"/>.</summary>
    public void AppendString(ReadOnlySpan<byte> raw)
    {
        if (_skipping || _stringCut)
        {
            return;
        }

        // What is cut off must not leave half an escape behind.
        var kept = raw[..Math.Min(raw.Length, MaxString - _stringLength)];
        var late = kept.Length > LastEscape - _stringLength ? kept[Math.Max(0, LastEscape - _stringLength)..].IndexOf((byte)'\\') : -1;
        if (late >= 0)
        {
            kept = kept[..(Math.Max(0, LastEscape - _stringLength) + late)];
        }

        _stringCut = kept.Length < raw.Length;
        _stringLength += kept.Length;
        Append(kept);
    }

    public void EndString(int depth) => AppendAt(depth, "\""u8);

    /// <summary>Anything but strings, as it stands directly in a container of this depth.</summary>
    public void AppendAt(int depth, ReadOnlySpan<byte> bytes)
    {
        if (!_skipping && depth <= MaxDepth)
        {
            Append(bytes);
        }
    }

    public void Dispose() => _json.Dispose();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_skipping || Overflowed)
        {
            return;
        }

        if (_json.Length + bytes.Length > MaxBytes)
        {
            Overflowed = true;
            return;
        }

        _json.Append(bytes);
    }
}
