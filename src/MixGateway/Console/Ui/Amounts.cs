using System.Globalization;
using MixGateway.Billing;

namespace MixGateway.Console.Ui;

/// <summary>How amounts and counts are written for people.</summary>
internal static class Amounts
{
    /// <summary>To the last digit, as on a bill.</summary>
    public static string Exact(Money amount, string currency) => $"{amount} {currency}";

    /// <summary>Rounded to what a glance takes in: two decimals, more where the amount is small.</summary>
    public static string Short(Money amount, string currency)
    {
        var value = amount.Nanos / (decimal)Money.NanosPerUnit;
        var decimals = Math.Abs(value) switch { 0 => 2, < 0.01m => 6, < 1m => 4, _ => 2 };
        return $"{value.ToString($"N{decimals}", CultureInfo.CurrentCulture)} {currency}";
    }

    /// <summary>1,234,567.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.CurrentCulture);

    /// <summary>1.2M, 131K; the whole number where it is small.</summary>
    public static string Brief(long count) => Math.Abs(count) switch
    {
        >= 1_000_000_000 => (count / 1e9).ToString("0.##", CultureInfo.CurrentCulture) + "B",
        >= 1_000_000 => (count / 1e6).ToString("0.##", CultureInfo.CurrentCulture) + "M",
        >= 100_000 => (count / 1e3).ToString("0", CultureInfo.CurrentCulture) + "K",
        >= 10_000 => (count / 1e3).ToString("0.#", CultureInfo.CurrentCulture) + "K",
        _ => Count(count),
    };

    /// <summary>850 ms, 12.3 s.</summary>
    public static string Duration(double milliseconds) => milliseconds < 1000
        ? $"{milliseconds.ToString("0", CultureInfo.CurrentCulture)} ms"
        : $"{(milliseconds / 1000).ToString("0.0#", CultureInfo.CurrentCulture)} s";
}
