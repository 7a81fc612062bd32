using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using MixGateway.Administration.Secrets;

namespace MixGateway.Administration.Users;

/// <summary>How the second factors of users lie in the database: the secret of an authenticator app encrypted, recovery codes hashed and encrypted.</summary>
internal static class UserSecrets
{
    /// <summary>Identity's name for itself among the providers of tokens.</summary>
    public const string Provider = "[AspNetUserStore]";

    public const string AuthenticatorKey = "AuthenticatorKey";
    public const string RecoveryCodes = "RecoveryCodes";

    private const string Purpose = "user-token";
    private const char Separator = ';';

    public static string Seal(SecretBox box, Guid userId, string name, string value) => box.Seal(Purpose, $"{userId}/{name}", value);

    /// <summary>As it was stored; a value from before there was a master key is taken as it is.</summary>
    public static string? Open(SecretBox box, Guid userId, string name, string? value) => SecretBox.IsSealed(value) ? box.Open(Purpose, $"{userId}/{name}", value!) : value;

    /// <summary>Recovery codes are random and long, and under the encryption nobody reads their hashes: one round is enough.</summary>
    public static string Hash(string recoveryCode) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(recoveryCode)));

    public static string Join(IEnumerable<string> hashes) => string.Join(Separator, hashes);

    /// <summary>The hashes in a stored list; codes from before they were hashed become hashes.</summary>
    public static IReadOnlyList<string> Split(string? list) =>
        [.. (list ?? "").Split(Separator, StringSplitOptions.RemoveEmptyEntries).Select(static entry => entry.Length == 2 * SHA256.HashSizeInBytes ? entry : Hash(entry))];

    /// <summary>The value as it should lie there now; null if it does.</summary>
    public static string? Renew(SecretBox box, IdentityUserToken<Guid> row)
    {
        if (box.IsCurrent(row.Value!))
        {
            return null;
        }

        var plain = Open(box, row.UserId, row.Name, row.Value)!;
        return Seal(box, row.UserId, row.Name, row.Name == RecoveryCodes ? Join(Split(plain)) : plain);
    }
}
