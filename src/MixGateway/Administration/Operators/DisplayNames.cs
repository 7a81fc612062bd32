using System.Globalization;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration.Operators;

/// <summary>What people call the things that lists only know by their ids. What is gone by now has no name.</summary>
internal sealed class DisplayNames(IDbContextFactory<GatewayDbContext> databases)
{
    public async Task<IReadOnlyDictionary<Guid, string>> OfAccountsAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        Guid[] wanted = [.. ids.Distinct()];
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Accounts.Where(account => wanted.Contains(account.Id)).ToDictionaryAsync(account => account.Id, account => account.Name, cancellationToken);
    }

    public async Task<IReadOnlyDictionary<Guid, string>> OfKeysAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        Guid[] wanted = [.. ids.Distinct()];
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.ApiKeys.Where(key => wanted.Contains(key.Id)).ToDictionaryAsync(key => key.Id, key => key.Name, cancellationToken);
    }

    /// <summary>The e-mail addresses of users.</summary>
    /// <param name="actors">As the audit log names them; only those that are ids of users are looked for.</param>
    public async Task<IReadOnlyDictionary<string, string>> OfActorsAsync(IEnumerable<string> actors, CancellationToken cancellationToken)
    {
        Guid[] wanted = [.. actors.Distinct().Select(static actor => Guid.TryParse(actor, out var id) ? id : Guid.Empty).Where(static id => id != Guid.Empty)];
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Users.Where(user => wanted.Contains(user.Id))
            .ToDictionaryAsync(user => user.Id.ToString(null, CultureInfo.InvariantCulture), user => user.Email ?? "", cancellationToken);
    }

    /// <summary>As the audit log names a user; null if nobody has the address.</summary>
    public async Task<string?> FindActorAsync(string email, CancellationToken cancellationToken)
    {
        var normalized = email.ToUpperInvariant();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var id = await database.Users.Where(user => user.NormalizedEmail == normalized).Select(user => (Guid?)user.Id).FirstOrDefaultAsync(cancellationToken);
        return id is { } found ? Actor.User(found).Name : null;
    }
}
