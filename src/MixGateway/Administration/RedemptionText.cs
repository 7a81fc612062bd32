using System.Security.Cryptography;
using System.Text;

namespace MixGateway.Administration;

/// <summary>
/// How a redemption code is written: five groups of five, 125 bits of randomness, in letters and digits that cannot be taken for each
/// other. Whoever types one may use small letters, blanks, other dashes, O for 0, I or L for 1.
/// </summary>
internal static class RedemptionText
{
    /// <summary>Nothing longer is read: no way of writing a code needs more.</summary>
    public const int MaxTypedLength = 100;

    private const int GroupLength = 5;
    private const int Length = 25;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A new code, to be shown once.</summary>
    public static string New() =>
        string.Join('-', RandomNumberGenerator.GetString(Alphabet, Length).Chunk(GroupLength).Select(static group => new string(group)));

    /// <summary>What a person recognises a code by: its first group.</summary>
    public static string Display(string code) => $"{code[..GroupLength]}-…";

    /// <summary>The SHA-256 of what was typed, as <see cref="New"/> writes it; null for what cannot be a code.</summary>
    public static byte[]? Hash(string typed)
    {
        if (typed.Length > MaxTypedLength)
        {
            return null;
        }

        var code = new StringBuilder(Length);
        foreach (var letter in typed)
        {
            if (char.IsWhiteSpace(letter) || char.IsPunctuation(letter))
            {
                continue;
            }

            var read = char.ToUpperInvariant(letter) switch { 'O' => '0', 'I' or 'L' => '1', var other => other };
            if (!Alphabet.Contains(read) || code.Length == Length)
            {
                return null;
            }

            code.Append(read);
        }

        return code.Length == Length ? SHA256.HashData(Encoding.ASCII.GetBytes(code.ToString())) : null;
    }
}
