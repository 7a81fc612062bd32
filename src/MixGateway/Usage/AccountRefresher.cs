namespace MixGateway.Usage;

/// <summary>
/// Reads an account anew after a call was refused for its balance, in case money came in that the hot store was not told of. At
/// most once every <see cref="Interval"/> an account, so that callers without money cannot keep the database busy.
/// </summary>
internal sealed class AccountRefresher(AccountInstaller installer, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>So many accounts are refreshed in an interval; the others wait for the next.</summary>
    public const int Capacity = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, long> _refreshedAt = [];

    /// <summary>True if the account was installed anew, so that asking again makes sense. Never throws for a store that does not answer.</summary>
    public async ValueTask<bool> RefreshAsync(Guid accountId) => TryTakeTurn(accountId) && await installer.InstallAsync(accountId, []);

    private bool TryTakeTurn(Guid accountId)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_refreshedAt.TryGetValue(accountId, out var last) && time.GetElapsedTime(last, now) < Interval)
            {
                return false;
            }

            if (_refreshedAt.Count >= Capacity)
            {
                Forget(now);
            }

            if (_refreshedAt.Count >= Capacity && !_refreshedAt.ContainsKey(accountId))
            {
                return false;
            }

            _refreshedAt[accountId] = now;
            return true;
        }
    }

    /// <summary>A refresh that is longer ago than the interval says nothing any more.</summary>
    private void Forget(long now)
    {
        foreach (var (accountId, last) in _refreshedAt)
        {
            if (time.GetElapsedTime(last, now) >= Interval)
            {
                _refreshedAt.Remove(accountId);
            }
        }
    }
}
