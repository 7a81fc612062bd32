using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration.SelfService;

/// <summary>
/// The one place that says who may do what: each use case that a signed-in person can reach asks here first, every time, so that a
/// role that was taken away is gone at once. An account that somebody has no part in does not exist for him.
/// </summary>
internal sealed class AccessGuard(IDbContextFactory<GatewayDbContext> databases)
{
    /// <summary>Runs a use case on an account for those who have at least a role there, for administrators and for the gateway itself.</summary>
    public async Task<Outcome<T>> RunAsync<T>(Actor actor, Guid accountId, AccountRole atLeast, Func<Task<Outcome<T>>> useCase)
        where T : class => await RefuseAsync(actor, accountId, atLeast) is { } refusal ? refusal : await useCase();

    /// <summary>Runs a use case of administrators.</summary>
    public async Task<Outcome<T>> RunAsAdministratorAsync<T>(Actor actor, Func<Task<Outcome<T>>> useCase)
        where T : class => await IsAdministratorAsync(actor) ? await useCase() : Refusal.Forbidden("Only administrators may do this.");

    /// <summary>Null if the actor may.</summary>
    public async Task<Refusal?> RefuseAsync(Actor actor, Guid accountId, AccountRole atLeast)
    {
        if (await IsAdministratorAsync(actor))
        {
            return null;
        }

        return await RoleAsync(actor, accountId) switch
        {
            null => Refusal.NotFound("account", accountId),
            { } role when role >= atLeast => null,
            { } role => Refusal.Forbidden($"This needs the role {Word(atLeast)}; yours is {Word(role)}."),
        };
    }

    /// <summary>True for administrators who are not suspended, and for the gateway itself; for every other kind of actor it is false.</summary>
    public async Task<bool> IsAdministratorAsync(Actor actor)
    {
        switch (actor)
        {
            case Actor.Almighty:
                return true;
            case Actor.Person { Id: var userId }:
                await using (var database = await databases.CreateDbContextAsync())
                {
                    return await database.Users.AnyAsync(user => user.Id == userId && user.IsAdministrator && user.SuspendedAt == null);
                }

            default:
                return false;
        }
    }

    private async Task<AccountRole?> RoleAsync(Actor actor, Guid accountId)
    {
        if (actor is not Actor.Person { Id: var userId })
        {
            return null;
        }

        await using var database = await databases.CreateDbContextAsync();
        return await (
            from membership in database.Memberships
            join user in database.Users on membership.UserId equals user.Id
            where membership.UserId == userId && membership.AccountId == accountId && user.SuspendedAt == null
            select (AccountRole?)membership.Role).SingleOrDefaultAsync();
    }

    private static string Word(AccountRole role) => role.ToString().ToLowerInvariant();
}
