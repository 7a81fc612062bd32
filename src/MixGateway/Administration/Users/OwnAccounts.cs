using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Administration.SelfService;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>Sees to it that a user has an account to work with.</summary>
internal sealed class OwnAccounts(IDbContextFactory<GatewayDbContext> databases, Ledger ledger, IOptions<SelfServiceOptions> options, TimeProvider time)
{
    /// <summary>
    /// Gives users an account of their own if they belong to none; however often and from wherever this is called, to one. It has the
    /// limits of <see cref="SelfServiceOptions.NewAccounts"/>, but for an administrator, who could lift them at once.
    /// </summary>
    public async Task EnsureAsync(Guid userId)
    {
        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await database.BeginDurableAsync();
        if (database.Database.IsNpgsql())
        {
            // On SQLite there is only one writer anyway.
            await database.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE id = {userId} FOR UPDATE");
        }

        if (await database.Memberships.AnyAsync(membership => membership.UserId == userId))
        {
            return;
        }

        var now = time.Now();
        var user = await database.Users.Where(user => user.Id == userId).Select(user => new { user.Email, user.IsAdministrator }).SingleAsync();
        var limits = user.IsAdministrator ? default : options.Value.NewAccounts.Changes;
        var account = Accounts.Add(database, Actor.User(userId), NameOf(user.Email), limits, now);
        database.Memberships.Add(new MembershipRow { UserId = userId, AccountId = account.Id, Role = AccountRole.Owner, CreatedAt = now });
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    /// <summary>Makes a user the owner of an account that was made without one.</summary>
    public async Task AddOwnerAsync(Guid userId, Guid accountId)
    {
        await using var database = await databases.CreateDbContextAsync();
        if (!await database.Memberships.AnyAsync(membership => membership.UserId == userId && membership.AccountId == accountId))
        {
            database.Memberships.Add(new MembershipRow { UserId = userId, AccountId = accountId, Role = AccountRole.Owner, CreatedAt = time.Now() });
            await database.SaveChangesAsync();
        }
    }

    /// <summary>Gives what a new user is given, once, to the first account that he owns.</summary>
    public async Task WelcomeAsync(Guid userId, Billing.Money amount)
    {
        await using var database = await databases.CreateDbContextAsync();
        var accountId = await database.Memberships.Where(membership => membership.UserId == userId && membership.Role == AccountRole.Owner)
            .OrderBy(membership => membership.CreatedAt).Select(membership => (Guid?)membership.AccountId).FirstOrDefaultAsync();
        if (accountId is { } id && amount > Billing.Money.Zero)
        {
            await ledger.CreditAsync(Actor.Gateway, id, new Credit(amount, "Welcome", $"welcome:{userId}", Force: false));
        }
    }

    private static string NameOf(string? email) => email is { Length: > 0 and <= TextRules.MaxNameLength } ? email : "Account";
}
