using System.Globalization;
using System.Text;

namespace MixGateway.Console.Ui;

/// <summary>Lines of a file for a spreadsheet.</summary>
internal static class Csv
{
    /// <summary>What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"); the last four are the full-width forms.</summary>
    private const string Formula = "=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20";

    /// <summary>Where a spreadsheet may begin a cell, whatever separator it is set to: with another one, quotes around a whole text do not hold it together.</summary>
    private const string Separators = ",;|\t\r\n\"'";

    public static string Lower(object value) => value.ToString()!.ToLowerInvariant();

    /// <summary>Every field in quotes. Texts are made harmless; numbers, times and ids are the gateway's own.</summary>
    public static string Line(params IEnumerable<object?> fields) =>
        string.Join(',', fields.Select(static field => field is null or string ? Quote((string?)field) : $"\"{Convert.ToString(field, CultureInfo.InvariantCulture)}\""));

    /// <summary>In quotes, and with a quote in front of whatever a spreadsheet would take for a formula: at the beginning, and behind anything that may begin a cell.</summary>
    public static string Quote(string? text)
    {
        var quoted = new StringBuilder("\"", (text?.Length ?? 0) + 2);
        var begins = true;
        foreach (var character in text ?? "")
        {
            if (begins && Formula.Contains(character, StringComparison.Ordinal))
            {
                quoted.Append('\'');
            }

            quoted.Append(character);
            if (character == '"')
            {
                quoted.Append('"');
            }

            begins = Separators.Contains(character, StringComparison.Ordinal) || (begins && char.IsWhiteSpace(character));
        }

        return quoted.Append('"').ToString();
    }
}
