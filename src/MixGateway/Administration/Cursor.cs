using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace MixGateway.Administration;

/// <summary>
/// The place of a row in its list, as text that callers pass back without reading it. It holds what the list is ordered by, so
/// rows that come or go between two pages neither repeat nor hide others.
/// </summary>
internal sealed record Cursor
{
    private const char Separator = '|';
    private const int MaxLength = 2048;

    private readonly string _text;

    private Cursor(string text) => _text = text;

    public static Cursor Of(Guid id) => new(id.ToString("N"));

    public static Cursor Of(long sequence) => new(sequence.ToString(CultureInfo.InvariantCulture));

    public static Cursor Of(DateTime time, Guid id) => new(string.Create(CultureInfo.InvariantCulture, $"{time.Ticks}{Separator}{id:N}"));

    public static Cursor Of(string group) => new(group);

    public static bool TryParse(string text, out Cursor? cursor)
    {
        cursor = null;
        if (text.Length is 0 or > MaxLength || !Base64Url.IsValid(text))
        {
            return false;
        }

        var decoded = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        cursor = decoded.Length == 0 || decoded.Contains('\uFFFD') || decoded.Contains('\0') ? null : new Cursor(decoded);
        return cursor is not null;
    }

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(_text));

    public bool TryGet(out Guid id) => Guid.TryParseExact(_text, "N", out id);

    public bool TryGet(out long sequence) => long.TryParse(_text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out sequence);

    public bool TryGet(out DateTime time, out Guid id)
    {
        (time, id) = (default, default);
        var parts = _text.Split(Separator);
        if (parts.Length != 2
            || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            || ticks > DateTime.MaxValue.Ticks
            || !Guid.TryParseExact(parts[1], "N", out id))
        {
            return false;
        }

        time = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    public bool TryGet(out string group)
    {
        group = _text;
        return true;
    }
}
