using System.Collections.Frozen;
using MixGateway.Diagnostics;

namespace MixGateway.Quotas;

/// <summary>
/// The accounts whose calls are logged in detail for a while. Kept in the hot store, so that every replica knows within a second; one that forgets
/// them does no harm.
/// </summary>
internal sealed class DebugAccounts(HotStoreConnection connection, TimeProvider time, ILogger<DebugAccounts> logger) : PeriodicService(time, logger)
{
    private const string Key = "mg:debug";

    private readonly TimeProvider _time = time;

    private volatile FrozenDictionary<Guid, DateTimeOffset> _until = FrozenDictionary<Guid, DateTimeOffset>.Empty;

    /// <inheritdoc/>
    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    public bool IsOn(Guid accountId)
    {
        var until = _until;
        return until.Count > 0 && until.TryGetValue(accountId, out var end) && _time.GetUtcNow() < end;
    }

    /// <param name="until">A time that is over switches it off.</param>
    /// <returns>False if the hot store does not answer.</returns>
    public async Task<bool> SetAsync(Guid accountId, DateTimeOffset until)
    {
        try
        {
            await connection.Database.HashSetAsync(Key, accountId.ToString("N"), until.ToUnixTimeMilliseconds());
            await LookAsync();
            return true;
        }
        catch (Exception e) when (ScriptRunner.IsAway(e))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await LookAsync();
        }
        catch (Exception e) when (ScriptRunner.IsAway(e))
        {
            // What was known holds until it is over; HotStoreWatch says that the store is away.
        }
    }

    private async Task LookAsync()
    {
        var entries = await connection.Database.HashGetAllAsync(Key);
        if (entries.Length == 0 && _until.Count == 0)
        {
            return;
        }

        var now = _time.GetUtcNow();
        Dictionary<Guid, DateTimeOffset> until = [];
        foreach (var entry in entries)
        {
            if (Guid.TryParseExact(entry.Name.ToString(), "N", out var account) && entry.Value.TryParse(out long end) && DateTimeOffset.FromUnixTimeMilliseconds(end) is var at && now < at)
            {
                until[account] = at;
            }
            else
            {
                await connection.Database.HashDeleteAsync(Key, entry.Name);
            }
        }

        _until = until.ToFrozenDictionary();
    }
}
