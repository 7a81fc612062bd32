namespace MixGateway.Billing;

/// <summary>Decimal text to and from scaled integers, exactly: no floating point and no rounding is involved.</summary>
internal static class DecimalText
{
    /// <summary>Digits of the largest 64-bit integer.</summary>
    private const int MaxDigits = 19;

    /// <summary>Beyond this an exponent only says "far too large" or "far too small", whatever the digits before it are.</summary>
    private const long MaxExponent = 1L << 40;

    /// <summary>Reads <c>[+-]?digits(.digits)?</c>, with <c>[eE][+-]?digits</c> after it if allowed, as an integer of 10^-<paramref name="decimals"/>.</summary>
    /// <returns>False if the text has another shape, or the value is out of range or has more decimals than fit.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, int decimals, bool allowExponent, out long value)
    {
        value = 0;
        var negative = text is ['-', ..];
        var rest = text is ['-' or '+', ..] ? text[1..] : text;
        var digits = new Digits();
        if (!digits.Take(ref rest))
        {
            return false;
        }

        if (rest is ['.', ..])
        {
            rest = rest[1..];
            var before = rest.Length;
            if (!digits.Take(ref rest))
            {
                return false;
            }

            digits.Exponent -= before - rest.Length;
        }

        if (allowExponent && rest is ['e' or 'E', ..] && !TakeExponent(ref rest, ref digits.Exponent))
        {
            return false;
        }

        return rest.IsEmpty && digits.TryScale(decimals, negative, out value);
    }

    /// <summary>Writes <paramref name="value"/> × 10^-<paramref name="decimals"/> without exponent or trailing zeros.</summary>
    public static bool TryFormat(long value, int decimals, Span<char> destination, out int written)
    {
        // Digits are produced from the right, into room for a sign, a point and a zero before it.
        Span<char> buffer = stackalloc char[MaxDigits + 3];
        var at = buffer.Length;
        var rest = value < 0 ? (ulong)(-(value + 1)) + 1 : (ulong)value;
        for (var place = 0; place < decimals || rest != 0 || place == decimals; place++)
        {
            if (place == decimals && at != buffer.Length)
            {
                buffer[--at] = '.';
            }

            (rest, var digit) = Math.DivRem(rest, 10);
            if (place >= decimals || digit != 0 || at != buffer.Length)
            {
                buffer[--at] = (char)('0' + digit);
            }
        }

        if (value < 0)
        {
            buffer[--at] = '-';
        }

        var fits = buffer[at..].TryCopyTo(destination);
        written = fits ? buffer.Length - at : 0;
        return fits;
    }

    private static bool TakeExponent(ref ReadOnlySpan<char> rest, ref long exponent)
    {
        rest = rest[1..];
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..])
        {
            rest = rest[1..];
        }

        if (rest is not [>= '0' and <= '9', ..])
        {
            return false;
        }

        long magnitude = 0;
        while (rest is [>= '0' and <= '9', ..])
        {
            magnitude = Math.Min((magnitude * 10) + rest[0] - '0', MaxExponent);
            rest = rest[1..];
        }

        exponent += negative ? -magnitude : magnitude;
        return true;
    }

    /// <summary>A value as significant digits and a power of ten; zeros at the end are kept aside until a digit follows them.</summary>
    private struct Digits
    {
        public long Exponent;
        private UInt128 _significant;
        private long _zeros;
        private int _count;

        /// <summary>Takes the digits at the start of the text; false if there is none, or too many to be in range.</summary>
        public bool Take(ref ReadOnlySpan<char> text)
        {
            var at = 0;
            for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            {
                if (!Append((uint)(text[at] - '0')))
                {
                    return false;
                }
            }

            text = text[at..];
            return at > 0;
        }

        public readonly bool TryScale(int decimals, bool negative, out long value)
        {
            value = 0;
            if (_count == 0)
            {
                return true;
            }

            var power = Exponent + _zeros + decimals;
            if (power < 0 || power + _count > MaxDigits)
            {
                return false;
            }

            var scaled = _significant;
            for (; power > 0; power--)
            {
                scaled *= 10;
            }

            if (scaled > (UInt128)long.MaxValue + (negative ? 1u : 0u))
            {
                return false;
            }

            value = negative ? (long)-(Int128)scaled : (long)scaled;
            return true;
        }

        private bool Append(uint digit)
        {
            if (digit == 0)
            {
                _zeros += _count == 0 ? 0 : 1;
                return true;
            }

            if (_count + _zeros + 1 > MaxDigits)
            {
                return false;
            }

            for (; _zeros > 0; _zeros--, _count++)
            {
                _significant *= 10;
            }

            _significant = (_significant * 10) + digit;
            _count++;
            return true;
        }
    }
}
