using System.Text.Json.Serialization;

namespace MixGateway.Billing;

/// <summary>
/// An amount of the billing currency as an integer count of nano-units (10⁻⁹). Arithmetic is checked: what does not fit throws
/// <see cref="OverflowException"/> and never wraps.
/// </summary>
[JsonConverter(typeof(MoneyJsonConverter))]
internal readonly record struct Money(long Nanos) : IComparable<Money>
{
    /// <summary>Nano-units in one unit of the currency.</summary>
    public const long NanosPerUnit = 1_000_000_000;

    /// <summary>The most characters that <see cref="TryFormat"/> writes.</summary>
    public const int MaxLength = 21;

    public static readonly Money Zero;
    public static readonly Money MinValue = new(long.MinValue);
    public static readonly Money MaxValue = new(long.MaxValue);

    private const int Decimals = 9;

    public static Money operator +(Money left, Money right) => new(checked(left.Nanos + right.Nanos));

    public static Money operator -(Money left, Money right) => new(checked(left.Nanos - right.Nanos));

    public static Money operator -(Money value) => new(checked(-value.Nanos));

    public static bool operator <(Money left, Money right) => left.Nanos < right.Nanos;

    public static bool operator >(Money left, Money right) => left.Nanos > right.Nanos;

    public static bool operator <=(Money left, Money right) => left.Nanos <= right.Nanos;

    public static bool operator >=(Money left, Money right) => left.Nanos >= right.Nanos;

    public static Money Min(Money left, Money right) => left.Nanos <= right.Nanos ? left : right;

    public static Money Max(Money left, Money right) => left.Nanos >= right.Nanos ? left : right;

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">The text is no amount, or one that nano-units cannot hold exactly.</exception>
    public static Money Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var value) ? value : throw new FormatException("Not a plain decimal amount with at most 9 decimals.");

    /// <summary>Reads a plain decimal such as <c>-12.5</c>: a sign or none, digits, and digits after a point or none; no exponent, no blanks.</summary>
    /// <returns>False if the text has another shape, or nano-units cannot hold its value exactly.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Money value)
    {
        var parsed = DecimalText.TryParse(text, Decimals, allowExponent: false, out var nanos);
        value = new Money(nanos);
        return parsed;
    }

    /// <summary>Reads a JSON number, which may have an exponent.</summary>
    /// <returns>False if the text has another shape, or nano-units cannot hold its value exactly.</returns>
    public static bool TryParseJsonNumber(ReadOnlySpan<char> text, out Money value)
    {
        var parsed = DecimalText.TryParse(text, Decimals, allowExponent: true, out var nanos);
        value = new Money(nanos);
        return parsed;
    }

    /// <inheritdoc/>
    public int CompareTo(Money other) => Nanos.CompareTo(other.Nanos);

    /// <summary>The plain decimal without exponent or trailing zeros; <c>0</c> for nothing.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[MaxLength];
        TryFormat(text, out var written);
        return new string(text[..written]);
    }

    /// <summary>Writes what <see cref="ToString"/> returns.</summary>
    /// <returns>False if <paramref name="destination"/> is too short; <see cref="MaxLength"/> always is enough.</returns>
    public bool TryFormat(Span<char> destination, out int written) => DecimalText.TryFormat(Nanos, Decimals, destination, out written);
}
