using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>The accounts that a user belongs to.</summary>
internal sealed class UserAccounts(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>In the order in which the user came to them.</summary>
    public async Task<IReadOnlyList<CurrentAccount>> ListAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await (
            from membership in database.Memberships
            join account in database.Accounts on membership.AccountId equals account.Id
            where membership.UserId == userId
            orderby membership.CreatedAt, account.Id
            select new CurrentAccount(account.Id, account.Name, membership.Role)).ToListAsync(cancellationToken);
    }
}
