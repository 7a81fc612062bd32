using System.Globalization;

namespace MixGateway.Catalog;

/// <summary>
/// Compares names as the most lenient provider might: without regard to case, white space and characters that nobody sees. Two names that are
/// the same so may be one model to the provider, at two prices here.
/// </summary>
internal static class FoldedName
{
    /// <summary>Longer names are nobody's.</summary>
    public const int MaxLength = 1024;

    /// <summary>What is left of a name.</summary>
    /// <param name="destination">At least as long as <paramref name="name"/>.</param>
    /// <returns>The number of characters written.</returns>
    public static int Write(ReadOnlySpan<char> name, Span<char> destination)
    {
        var written = 0;
        foreach (var character in name)
        {
            if (!char.IsWhiteSpace(character) && char.GetUnicodeCategory(character) is not (UnicodeCategory.Format or UnicodeCategory.Control))
            {
                // Through both cases, as some letters have two lower ones.
                destination[written++] = char.ToLowerInvariant(char.ToUpperInvariant(character));
            }
        }

        return written;
    }

    public static string Of(string name)
    {
        var folded = new char[name.Length];
        return new string(folded, 0, Write(name, folded));
    }
}
