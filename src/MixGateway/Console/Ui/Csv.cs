namespace MixGateway.Console.Ui;

/// <summary>Words of a file for a spreadsheet.</summary>
internal static class Csv
{
    public static string Lower(object value) => value.ToString()!.ToLowerInvariant();

    /// <summary>A text that a spreadsheet would take for a formula gets a quote in front, as OWASP has it.</summary>
    public static string Quote(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var harmless = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return harmless.AsSpan().ContainsAny(",\"\r\n") ? $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : harmless;
    }
}
