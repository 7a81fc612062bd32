using System.Text.RegularExpressions;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>The names in an expression of Prometheus's query language: enough of a parser for the files of this repository.</summary>
internal static partial class PromQL
{
    private static readonly string[] Words = ["and", "or", "unless", "bool", "offset", "Inf", "NaN"];

    /// <summary>The labels that Prometheus itself adds.</summary>
    private static readonly string[] Added = ["instance", "job"];

    /// <summary>Every metric that an expression asks for, with the labels that it selects by.</summary>
    public static IEnumerable<(string Metric, string[] Labels)> Selectors(string expression)
    {
        var text = Grouping().Replace(Range().Replace(Text().Replace(expression, "\"\""), ""), "");
        foreach (Match match in Selector().Matches(text))
        {
            var name = match.Groups[1].Value;
            if (!Words.Contains(name))
            {
                yield return (name, [.. LabelName().Matches(match.Groups[2].Value).Select(static label => label.Groups[1].Value).Except(Added)]);
            }
        }
    }

    /// <summary>The labels that an expression groups by.</summary>
    public static IEnumerable<string> Groupings(string expression) =>
        Grouping().Matches(expression).SelectMany(static match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Except(Added);

    [GeneratedRegex(@"""(?:\\.|[^""\\])*""")]
    private static partial Regex Text();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    /// <summary>A name that is not a function's, with its braces if it has any.</summary>
    [GeneratedRegex(@"(?<![\w.:$])([a-zA-Z_:][\w:]*)(?![\w:]|\s*\()\s*(\{[^}]*\})?")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(\w+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex LabelName();
}
