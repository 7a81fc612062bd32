using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>
/// Finds out who shows a token. The database is asked each time, so that a change of a token is in effect everywhere with the next
/// call; only what has the form of a token is looked up.
/// </summary>
internal sealed class AdminTokenCheck(IDbContextFactory<GatewayDbContext> databases, IOptions<AdministrationOptions> options, TimeProvider time)
{
    /// <summary>How exact <see cref="AdminTokenRow.LastUsedAt"/> is: each use would be a write otherwise.</summary>
    private static readonly TimeSpan LastUsedStep = TimeSpan.FromMinutes(1);

    private readonly byte[]? _bootstrap = options.Value.AdminToken is { Length: > 0 } token ? AdminToken.Hash(token) : null;

    /// <summary>False if nobody set <c>Bootstrap:AdminToken</c>.</summary>
    public bool HasBootstrap => _bootstrap is not null;

    /// <summary>Null if the token is nobody's, revoked or expired.</summary>
    public async ValueTask<Administrator?> FindAsync(string shown, CancellationToken cancellationToken)
    {
        var hash = AdminToken.Hash(shown);

        // Hashes have one length, so the time tells nothing about the token, its length included.
        if (_bootstrap is not null && CryptographicOperations.FixedTimeEquals(hash, _bootstrap))
        {
            return Administrator.Bootstrap;
        }

        return AdminToken.HasForm(shown) ? await FindNamedAsync(hash, cancellationToken) : null;
    }

    private async Task<Administrator?> FindNamedAsync(byte[] hash, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.Now();
        var row = await database.AdminTokens.AsNoTracking()
            .SingleOrDefaultAsync(token => token.Sha256 == hash && token.RevokedAt == null && (token.ExpiresAt == null || token.ExpiresAt > now), cancellationToken);
        if (row is null)
        {
            return null;
        }

        var stale = now - LastUsedStep;
        if (row.LastUsedAt is null || row.LastUsedAt < stale)
        {
            await database.AdminTokens
                .Where(token => token.Id == row.Id && (token.LastUsedAt == null || token.LastUsedAt < stale))
                .ExecuteUpdateAsync(token => token.SetProperty(each => each.LastUsedAt, now), cancellationToken);
        }

        return new Administrator(Actor.OfToken(row.Name), row.Scopes, row.ExpiresAt);
    }
}
