using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>How many keys an account may have. Each one is a row for ever, also after it is revoked, and a place in the memory of every replica.</summary>
internal static class KeyBound
{
    /// <summary>Keys that may be created within a day, as a multiple of those that may be active: who creates and revokes in turn is bounded too.</summary>
    private const int PerDay = 10;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Null if the account may have one more key.</summary>
    /// <param name="most">Active keys, those included that are yet to expire.</param>
    public static async Task<Refusal?> RefuseAsync(AccountEdit edit, int most)
    {
        var (accountId, now, yesterday) = (edit.Account.Id, edit.Now, edit.Now - Day);
        var keys = edit.Database.ApiKeys.Where(key => key.AccountId == accountId);
        if (await keys.CountAsync(key => key.Status == ApiKeyStatus.Active && (key.ExpiresAt == null || key.ExpiresAt > now)) >= most)
        {
            return Refusal.Conflict($"The account has {most} active keys, which is the most it may have. Revoke one that is not used.");
        }

        return await keys.CountAsync(key => key.CreatedAt > yesterday) >= (long)most * PerDay
            ? Refusal.TooMany($"The account has created {(long)most * PerDay} keys within a day. Use an existing one, or try again later.", TimeSpan.FromHours(1))
            : null;
    }
}
