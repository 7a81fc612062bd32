using System.Globalization;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>
/// Remembers which codes and challenges of a user were used, so that each counts once, whichever replica is asked and however many are
/// asked at once (RFC 6238 §5.2; WebAuthn §13.4.3). They stand beside Identity's own tokens, until they are too old to count anyway.
/// </summary>
internal sealed class SpentCodes(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    /// <param name="kind">What it is a code of; codes of one kind do not meet those of another.</param>
    /// <param name="lifetime">After so long the code no longer counts by itself.</param>
    /// <returns>False if the code was used before.</returns>
    public async Task<bool> TrySpendAsync(Guid userId, string kind, string code, TimeSpan lifetime)
    {
        var now = time.Now();
        var (provider, at, until) = ($"spent:{kind}", Text(now), Text(now + lifetime));
        await using var database = await databases.CreateDbContextAsync();
        await database.Database.ExecuteSqlAsync($"DELETE FROM user_tokens WHERE user_id = {userId} AND login_provider = {provider} AND value < {at}");
        return await database.Database.ExecuteSqlAsync(
            $"INSERT INTO user_tokens (user_id, login_provider, name, value) VALUES ({userId}, {provider}, {code}, {until}) ON CONFLICT DO NOTHING") == 1;
    }

    /// <summary>Sorts as the times do.</summary>
    private static string Text(DateTime at) => at.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);
}
