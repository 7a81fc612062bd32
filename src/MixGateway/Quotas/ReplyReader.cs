using System.Globalization;

namespace MixGateway.Quotas;

/// <summary>Reads the fields of a script's answer, parted by <c>|</c>, where <c>-</c> stands for nothing.</summary>
internal ref struct ReplyReader(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    public ReadOnlySpan<char> Next()
    {
        var cut = _rest.IndexOf('|');
        var field = cut < 0 ? _rest : _rest[..cut];
        _rest = cut < 0 ? [] : _rest[(cut + 1)..];
        return field;
    }

    public long NextLong() => long.Parse(Next(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    public long? NextOptionalLong()
    {
        var field = Next();
        return field is "-" ? null : long.Parse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    public TimeSpan? NextOptionalMilliseconds() => NextOptionalLong() is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
}
