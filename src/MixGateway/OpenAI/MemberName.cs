using System.Text;

namespace MixGateway.OpenAI;

/// <summary>Compares member names as the most lenient JSON library behind a provider would.</summary>
/// <remarks>
/// Several providers' servers match names without regard to case; Go's encoding/json also folds the Kelvin sign to k and the long s to s,
/// Java's equalsIgnoreCase the dotted and dotless i. A second <c>max_tokens</c> smuggled in that way would not be in the hold.
/// </remarks>
internal static class MemberName
{
    /// <summary>Longer names, counted with their escapes, are none of ours: 128 characters, each as \uXXXX.</summary>
    public const int MaxEscapedLength = 128 * 6;

    /// <summary>Writes the name in lower case, with the letters that fold to ASCII folded.</summary>
    /// <param name="destination">At least as long as <paramref name="name"/>.</param>
    public static ReadOnlySpan<byte> Fold(ReadOnlySpan<byte> name, Span<byte> destination)
    {
        var written = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var rest = name[i..];
            if (rest[0] < 0x80)
            {
                destination[written++] = rest[0] is >= (byte)'A' and <= (byte)'Z' ? (byte)(rest[0] | 0x20) : rest[0];
            }
            else if (rest.StartsWith("\u212A"u8))
            {
                destination[written++] = (byte)'k';
                i += 2;
            }
            else if (rest.StartsWith("\u017F"u8))
            {
                destination[written++] = (byte)'s';
                i++;
            }
            else if (rest.StartsWith("\u0130"u8) || rest.StartsWith("\u0131"u8))
            {
                destination[written++] = (byte)'i';
                i++;
            }
            else
            {
                destination[written++] = rest[0];
            }
        }

        return destination[..written];
    }

    /// <summary>Whether a folded name is this one, without regard to case.</summary>
    public static bool IsFolded(ReadOnlySpan<byte> folded, string name) =>
        Ascii.EqualsIgnoreCase(folded, name)
        || (!Ascii.IsValid(name) && Encoding.UTF8.GetString(folded).Equals(name, StringComparison.OrdinalIgnoreCase));
}
