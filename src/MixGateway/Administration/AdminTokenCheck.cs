using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Authentication;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>What came of a token.</summary>
/// <param name="Administrator">Null if the token is unknown, revoked or expired.</param>
/// <param name="Wait">How long the address has to wait before another token of it is looked at; null if this one was.</param>
/// <param name="BeginsToWait">True for the wrong token that was one too many.</param>
internal readonly record struct TokenAnswer(Administrator? Administrator, TimeSpan? Wait = null, bool BeginsToWait = false);

/// <summary>
/// Finds out who shows a token. The database is asked each time, so that a change of a token is in effect everywhere with the next
/// call; only what has the form of a token is looked up, and what was not found is not looked for again.
/// </summary>
internal sealed class AdminTokenCheck(IDbContextFactory<GatewayDbContext> databases, WrongTokens wrong, IOptions<AdministrationOptions> options, TimeProvider time)
{
    /// <summary>Tokens of each kind that are remembered, by their hashes.</summary>
    private const int Remembered = 10_000;

    /// <summary>A token that does not exist never will: its secret is made when it is created. The bound only keeps the memory fresh.</summary>
    private static readonly TimeSpan UnknownFor = TimeSpan.FromMinutes(10);

    /// <summary>How exact <see cref="AdminTokenRow.LastUsedAt"/> is: each use would be a write otherwise.</summary>
    private static readonly TimeSpan LastUsedStep = TimeSpan.FromMinutes(1);

    private readonly byte[]? _bootstrap = options.Value.AdminToken is { Length: > 0 } token ? AdminToken.Hash(token) : null;

    /// <summary>False if nobody set <c>Bootstrap:AdminToken</c>.</summary>
    public bool HasBootstrap => _bootstrap is not null;

    private readonly RecentEntries<bool> _accepted = new(Remembered);
    private readonly RecentEntries<long> _unknown = new(Remembered);

    /// <summary>Looks at a token, unless its address has shown too many wrong ones. Tokens that were right before are no guesses and are always looked at.</summary>
    public async ValueTask<TokenAnswer> FindAsync(string shown, IPAddress? address, CancellationToken cancellationToken)
    {
        var hash = AdminToken.Hash(shown);
        var key = KeyHash.Read(hash);
        if (!_accepted.TryGet(key, out _) && wrong.WaitOf(address) is { } wait)
        {
            return new TokenAnswer(null, wait);
        }

        // Hashes have one length, so the time tells nothing about the token, its length included.
        var administrator = _bootstrap is not null && CryptographicOperations.FixedTimeEquals(hash, _bootstrap)
            ? Administrator.Bootstrap
            : MayExist(shown, key) ? await FindNamedAsync(hash, key, cancellationToken) : null;
        if (administrator is null)
        {
            return new TokenAnswer(null, BeginsToWait: wrong.Note(address));
        }

        _accepted.Set(key, true);
        return new TokenAnswer(administrator);
    }

    private bool MayExist(string shown, KeyHash key) =>
        AdminToken.HasForm(shown) && !(_unknown.TryGet(key, out var since) && time.GetElapsedTime(since) < UnknownFor);

    private async Task<Administrator?> FindNamedAsync(byte[] hash, KeyHash key, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.Now();
        var row = await database.AdminTokens.AsNoTracking()
            .SingleOrDefaultAsync(token => token.Sha256 == hash, cancellationToken);
        if (row is null)
        {
            _unknown.Set(key, time.GetTimestamp());
            return null;
        }

        // An expired token may be given a later end, so it is looked for again.
        if (row.RevokedAt is not null || row.ExpiresAt <= now)
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
