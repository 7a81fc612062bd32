using MixGateway.Administration.Users;
using MixGateway.Storage;

namespace MixGateway.Administration.Operators;

/// <summary>A user as administrators see them. Times are UTC.</summary>
/// <param name="LockedUntil">After too many wrong passwords; null if the user is not locked out.</param>
/// <param name="SuspendedAt">Since when the user cannot sign in; null if they can.</param>
internal sealed record ManagedUser(
    Guid Id, string Email, bool IsAdministrator, bool HasTwoFactor, DateTime CreatedAt, DateTime? LastSignInAt, DateTime? SuspendedAt, DateTime? LockedUntil)
{
    public static ManagedUser Of(UserRow row, DateTime now) => new(
        row.Id,
        row.Email ?? "",
        row.IsAdministrator,
        row.TwoFactorEnabled,
        row.CreatedAt,
        row.LastSignInAt,
        row.SuspendedAt,
        row.LockoutEnd?.UtcDateTime is { } end && end > now ? end : null);
}

/// <summary>A user with the accounts that they belong to, the browsers that they are signed in with and how many passkeys they have.</summary>
internal sealed record UserFile(ManagedUser User, IReadOnlyList<CurrentAccount> Accounts, IReadOnlyList<UserSession> Sessions, int Passkeys);

/// <summary>A link that sets a user's password, at its creation: the one time that it is known.</summary>
/// <param name="Path">Below the console's root.</param>
internal sealed record ResetLink(string Path)
{
    /// <summary>Without the code, so that it does not end in a log.</summary>
    public override string ToString() => nameof(ResetLink);
}
