using System.Collections.Concurrent;

namespace MixGateway.Usage;

/// <summary>
/// Installs an account anew after a refusal for its balance: a credit that was booked by somebody else may not have reached the
/// hot store. At most every few seconds an account, or a caller without money could keep the database busy.
/// </summary>
internal sealed class AccountRefresher(AccountInstaller installer, TimeProvider time)
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, long> _refreshedAt = new();

    /// <summary>True if the account was installed anew, so that asking again makes sense.</summary>
    public async ValueTask<bool> RefreshAsync(Guid accountId)
    {
        var now = time.GetTimestamp();
        var before = _refreshedAt.GetOrAdd(accountId, now);
        var isFirst = before == now;
        if (!isFirst && (time.GetElapsedTime(before, now) < Period || !_refreshedAt.TryUpdate(accountId, now, before)))
        {
            return false;
        }

        if (_refreshedAt.Count > Capacity)
        {
            _refreshedAt.Clear();
        }

        return await installer.InstallAsync(accountId, []);
    }
}
