using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>
/// The password of a registration whose address is not confirmed yet. It travels in the link of the mail, hashed and encrypted: each link stands
/// for the registration that it was sent for, whoever else registers the same address before or after.
/// </summary>
internal sealed class PendingPassword(IDataProtectionProvider protection, IPasswordHasher<UserRow> hasher)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    public string Seal(Guid userId, string passwordHash) => Sealer(userId).Protect(passwordHash, Lifetime);

    /// <returns>The hash of the password; null if the link is too old, changed, or another user's.</returns>
    public string? Open(Guid userId, string code)
    {
        try
        {
            return Sealer(userId).Unprotect(code);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public bool IsRight(UserRow user, string passwordHash, string password) => hasher.VerifyHashedPassword(user, passwordHash, password) is not PasswordVerificationResult.Failed;

    private ITimeLimitedDataProtector Sealer(Guid userId) => protection.CreateProtector("MixGateway.Registration", userId.ToString("N")).ToTimeLimitedDataProtector();
}
