namespace MixGateway.Catalog;

/// <summary>Finds what somebody meant who wrote a name that does not exist.</summary>
internal static class NameSuggestion
{
    /// <summary>The nearest of the known names, or null where none is near enough to be a slip of the keyboard.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        string? nearest = null;
        var least = Math.Max(2, written.Length / 3) + 1;
        foreach (var name in known)
        {
            if (Math.Abs(name.Length - written.Length) >= least)
            {
                continue;
            }

            var distance = Distance(written, name);
            if (distance < least)
            {
                least = distance;
                nearest = name;
            }
        }

        return nearest;
    }

    /// <summary>Levenshtein's distance, case ignored: insertions, deletions and replacements from one to the other.</summary>
    private static int Distance(string from, string to)
    {
        var previous = new int[to.Length + 1];
        var current = new int[to.Length + 1];
        for (var column = 0; column <= to.Length; column++)
        {
            previous[column] = column;
        }

        for (var row = 1; row <= from.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= to.Length; column++)
            {
                var same = char.ToUpperInvariant(from[row - 1]) == char.ToUpperInvariant(to[column - 1]);
                var replaced = previous[column - 1] + (same ? 0 : 1);
                current[column] = Math.Min(replaced, 1 + Math.Min(previous[column], current[column - 1]));
            }

            (previous, current) = (current, previous);
        }

        return previous[to.Length];
    }
}
