using MixGateway.Billing;

namespace MixGateway.Payments;

/// <summary>Amounts as payment providers count them: in the smallest unit that a currency has for them.</summary>
internal static class MinorUnits
{
    /// <summary>Currencies whose amounts Stripe takes in whole units (docs.stripe.com/currencies); most others have hundredths.</summary>
    private static readonly HashSet<string> Whole = new(StringComparer.OrdinalIgnoreCase)
    {
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    };

    private static readonly HashSet<string> Thousandths = new(StringComparer.OrdinalIgnoreCase) { "BHD", "JOD", "KWD", "OMR", "TND" };

    /// <summary>False if the amount is not a whole number of the currency's smallest units.</summary>
    public static bool TryCount(Money amount, string currency, out long count)
    {
        (count, var rest) = Math.DivRem(amount.Nanos, NanosPer(currency));
        return rest == 0;
    }

    /// <exception cref="OverflowException">There is no such amount.</exception>
    public static Money AmountOf(long count, string currency) => new(checked(count * NanosPer(currency)));

    /// <summary>The least whole number of smallest units that is worth <paramref name="amount"/> at a rate.</summary>
    /// <param name="rate">Units of <paramref name="currency"/> for one unit of the amount's.</param>
    /// <exception cref="OverflowException">There is no such amount.</exception>
    public static Money Convert(Money amount, decimal rate, string currency)
    {
        var nanos = NanosPer(currency);
        return AmountOf((long)Math.Ceiling(amount.Nanos * rate / nanos), currency);
    }

    private static long NanosPer(string currency) => Money.NanosPerUnit / (Whole.Contains(currency) ? 1 : Thousandths.Contains(currency) ? 1000 : 100);
}
