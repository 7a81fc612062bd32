using System.Collections.Immutable;

namespace MixGateway.Routing;

/// <summary>
/// The models a key may use: canonical names with <c>*</c> for any run of characters, compared ordinally. Parsed once per key.
/// </summary>
internal sealed class ModelPatterns
{
    /// <summary>No restriction.</summary>
    public static readonly ModelPatterns All = new([]);

    private readonly ImmutableArray<Pattern> _patterns;

    private ModelPatterns(ImmutableArray<Pattern> patterns) => _patterns = patterns;

    /// <summary>The patterns as they were written, one a line: equal texts allow the same.</summary>
    public string Text { get; private init; } = "";

    /// <summary>True if every model is allowed because no list was given.</summary>
    public bool AllowsAll => _patterns.IsEmpty;

    /// <summary>Null or an empty list allows every model.</summary>
    public static ModelPatterns Parse(IReadOnlyCollection<string>? patterns)
        => patterns is null or { Count: 0 } ? All : new([.. patterns.Select(Pattern.Parse)]) { Text = string.Join('\n', patterns) };

    /// <summary>Allocates nothing.</summary>
    public bool Allows(ReadOnlySpan<char> canonicalName)
    {
        if (_patterns.IsEmpty)
        {
            return true;
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.Matches(canonicalName))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// A pattern cut at its stars. The first piece has to begin the name, the last has to end it, and each one between is
    /// taken where it is found first: a later find could only leave less for the rest, so nothing is ever tried again.
    /// </summary>
    private sealed record Pattern(string First, ImmutableArray<string> Middle, string? Last)
    {
        public static Pattern Parse(string text)
        {
            var pieces = text.Split('*');
            return pieces.Length == 1
                ? new Pattern(text, [], null)
                : new Pattern(pieces[0], [.. pieces[1..^1].Where(piece => piece.Length > 0)], pieces[^1]);
        }

        public bool Matches(ReadOnlySpan<char> name)
        {
            if (Last is null)
            {
                return name.SequenceEqual(First);
            }

            if (!name.StartsWith(First, StringComparison.Ordinal))
            {
                return false;
            }

            var rest = name[First.Length..];
            if (!rest.EndsWith(Last, StringComparison.Ordinal))
            {
                return false;
            }

            rest = rest[..^Last.Length];
            foreach (var piece in Middle)
            {
                var at = rest.IndexOf(piece, StringComparison.Ordinal);
                if (at < 0)
                {
                    return false;
                }

                rest = rest[(at + piece.Length)..];
            }

            return true;
        }
    }
}
