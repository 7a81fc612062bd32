using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>Makes changes of an account follow one another, in this process and in others.</summary>
internal static class AccountLock
{
    /// <summary>Locks an account until the transaction ends, which has to be there already, and reads it. Null if there is none.</summary>
    /// <remarks>SQLite's transaction is BEGIN IMMEDIATE: it is the one writer there may be, and no other begins.</remarks>
    public static async Task<AccountRow?> LockAccountAsync(this GatewayDbContext database, Guid accountId, CancellationToken cancellationToken)
    {
        if (database.Database.IsNpgsql())
        {
            // NO KEY, as for the books: rows that refer to the account may be added meanwhile.
            await database.Database.ExecuteSqlAsync($"SELECT 1 FROM accounts WHERE id = {accountId} FOR NO KEY UPDATE", cancellationToken);
        }

        return await database.Accounts.AsTracking().SingleOrDefaultAsync(account => account.Id == accountId, cancellationToken);
    }
}
