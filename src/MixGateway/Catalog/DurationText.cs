using System.Globalization;
using System.Text.RegularExpressions;

namespace MixGateway.Catalog;

/// <summary>
/// Times as operators write them. A bare number is not one: <see cref="TimeSpan"/> takes <c>6</c> for six days and <c>24:00:00</c> for
/// 24 days, where the writer meant hours.
/// </summary>
internal static partial class DurationText
{
    /// <summary>What a message tells the operator to write.</summary>
    public const string Form = "a time with a unit or as hh:mm:ss, such as 30s, 5m, 6h, 7d or 00:00:30";

    /// <summary>A number with <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>, or <c>[d.]hh:mm:ss[.fff]</c>; zero needs no unit.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (text == "0")
        {
            return true;
        }

        return Clock().Match(text) is { Success: true } clock ? TryClock(clock, out duration)
            : WithUnit().Match(text) is { Success: true } unit && TryUnit(unit, out duration);
    }

    private static bool TryClock(Match match, out TimeSpan duration)
    {
        duration = default;
        var days = Number(match.Groups["d"]);
        var hours = Number(match.Groups["h"]);
        var minutes = Number(match.Groups["m"]);
        var seconds = Number(match.Groups["s"]);

        // Hours may pass a day only where no days are written: 36:00:00.
        if (minutes > 59 || seconds > 59 || (match.Groups["d"].Success && hours > 23))
        {
            return false;
        }

        return TryTicks((((((days * 24) + hours) * 60) + minutes) * 60) + seconds, match.Groups["sign"].Success, out duration);
    }

    private static bool TryUnit(Match match, out TimeSpan duration)
    {
        var seconds = match.Groups["unit"].Value.ToUpperInvariant() switch
        {
            "MS" => 0.001m,
            "S" => 1m,
            "M" or "MIN" => 60m,
            "H" => 3600m,
            _ => 86_400m,
        };
        return TryTicks(Number(match.Groups["n"]) * seconds, match.Groups["sign"].Success, out duration);
    }

    private static bool TryTicks(decimal seconds, bool negative, out TimeSpan duration)
    {
        var ticks = seconds * TimeSpan.TicksPerSecond;
        duration = ticks <= long.MaxValue ? TimeSpan.FromTicks((long)ticks * (negative ? -1 : 1)) : default;
        return ticks <= long.MaxValue;
    }

    /// <summary>Zero where the group is not there. The patterns bound the digits.</summary>
    private static decimal Number(Group group) => group.Success ? decimal.Parse(group.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?<sign>-)?(?:(?<d>[0-9]{1,7})\.)?(?<h>[0-9]{1,6}):(?<m>[0-9]{1,2}):(?<s>[0-9]{1,2}(?:\.[0-9]{1,7})?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Clock();

    [GeneratedRegex(@"^(?<sign>-)?(?<n>[0-9]{1,12}(?:\.[0-9]{1,7})?)\s*(?<unit>ms|s|min|m|h|d)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WithUnit();
}
