using System.Globalization;
using System.Text.RegularExpressions;

namespace MixGateway.Administration.Api;

/// <summary>Times as RFC 3339 writes them: always with an offset, so that no machine's own time zone is guessed.</summary>
internal static partial class Rfc3339
{
    public const string Expected = "Has to be a time as RFC 3339 has it, such as 2026-11-22T18:30:00Z.";

    /// <summary>UTC.</summary>
    public static bool TryParse(string text, out DateTime time)
    {
        time = default;
        if (!Shape().IsMatch(text)
            || !DateTimeOffset.TryParse(text.ToUpperInvariant(), CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
        {
            return false;
        }

        time = parsed.UtcDateTime;
        return true;
    }

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex Shape();
}
