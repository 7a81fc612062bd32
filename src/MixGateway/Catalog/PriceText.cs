namespace MixGateway.Catalog;

/// <summary>Prices as they are written: plain decimals, read digit by digit so that no floating point touches money.</summary>
internal static class PriceText
{
    public const long MaxWhole = 1_000_000;
    public const int MaxDecimals = 9;
    private const long NanosPerWhole = 1_000_000_000;

    /// <summary>
    /// Reads <c>0.28</c> as 280,000,000 nano-units. False for anything but digits with at most one point between them,
    /// for more than <see cref="MaxDecimals"/> decimals, and above <see cref="MaxWhole"/>.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long nanos)
    {
        nanos = 0;
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var decimals = point < 0 ? [] : text[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && decimals.IsEmpty) || decimals.Length > MaxDecimals)
        {
            return false;
        }

        if (!TryReadDigits(whole, MaxWhole, out var units) || !TryReadDigits(decimals, NanosPerWhole, out var fraction))
        {
            return false;
        }

        for (var missing = decimals.Length; missing < MaxDecimals; missing++)
        {
            fraction *= 10;
        }

        nanos = (units * NanosPerWhole) + fraction;
        return nanos <= MaxWhole * NanosPerWhole;
    }

    private static bool TryReadDigits(ReadOnlySpan<char> digits, long max, out long value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
            if (value > max)
            {
                return false;
            }
        }

        return true;
    }
}
