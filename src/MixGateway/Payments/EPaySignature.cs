using System.Security.Cryptography;
using System.Text;

namespace MixGateway.Payments;

/// <summary>
/// How EPay sites sign: MD5, in lower-case hexadecimal, of the parameters that have a value, sorted by name and written
/// <c>a=1&amp;b=2</c>, with the merchant's key right after them. <c>sign</c> and <c>sign_type</c> are not part of it.
/// </summary>
internal static class EPaySignature
{
    public const string Member = "sign";
    public const string TypeMember = "sign_type";
    public const string Type = "MD5";

    public static string Of(IEnumerable<KeyValuePair<string, string>> parameters, string key)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in parameters.OrderBy(static parameter => parameter.Key, StringComparer.Ordinal))
        {
            if (value.Length > 0 && name is not (Member or TypeMember))
            {
                text.Append(text.Length == 0 ? "" : "&").Append(name).Append('=').Append(value);
            }
        }

#pragma warning disable CA5351 // The protocol knows no other hash; the secret at its end is what a forger lacks.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text.Append(key).ToString())));
#pragma warning restore CA5351
    }

    /// <summary>Takes the same time whatever is wrong with the signature.</summary>
    public static bool IsGenuine(IReadOnlyDictionary<string, string> parameters, string key)
    {
        var expected = Encoding.ASCII.GetBytes(Of(parameters, key));
        var shown = Encoding.UTF8.GetBytes(parameters.GetValueOrDefault(Member, "").ToLowerInvariant());
        return CryptographicOperations.FixedTimeEquals(expected, shown);
    }
}
