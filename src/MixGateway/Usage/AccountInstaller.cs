using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>
/// Tells the hot store what the database says of an account and of some of its keys, and of every change that it was not yet told of. A request that comes while a read of
/// the same account has not begun shares it; a later one shares the next read, so that nobody is served with news from before they asked.
/// </summary>
internal sealed partial class AccountInstaller(AccountStateReader reader, AccountStore store, PushMarks marks, ILogger<AccountInstaller> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Flight> _waiting = [];

    /// <returns>False if there is no such account, or the database or the hot store does not answer; nothing is thrown for those.</returns>
    public Task<bool> InstallAsync(Guid accountId, IReadOnlyCollection<Guid> keyIds)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(accountId, out var flight))
            {
                flight = new Flight(accountId);
                _waiting.Add(accountId, flight);
                flight.Landing = Task.Run(() => FlyAsync(flight));
            }

            flight.KeyIds.UnionWith(keyIds);
            return flight.Landing;
        }
    }

    private async Task<bool> FlyAsync(Flight flight)
    {
        try
        {
            var storeId = store.StoreId;
            if (await store.InFlightAsync(flight.AccountId) is not { } inFlight
                || await reader.ReadAsync(flight.AccountId, inFlight, () => Close(flight)) is not { } reading
                || !await store.InstallAsync(reading.State, storeId))
            {
                return false;
            }

            if (reading.IsUnpushed)
            {
                await MarkAsync(reading.State);
            }

            return true;
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.DatabaseDown(logger, e, flight.AccountId);
            return false;
        }
        finally
        {
            Close(flight);
        }
    }

    /// <summary>A mark that could not be set means that the same is pushed again.</summary>
    private async Task MarkAsync(AccountState state)
    {
        try
        {
            await marks.SetAsync(state.AccountId, state.Version);
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.MarkFailed(logger, e, state.AccountId);
        }
    }

    /// <summary>From now on who asks is served by another read.</summary>
    private HashSet<Guid> Close(Flight flight)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(flight.AccountId, out var waiting) && waiting == flight)
            {
                _waiting.Remove(flight.AccountId);
            }

            return flight.KeyIds;
        }
    }

    private sealed class Flight(Guid accountId)
    {
        public Guid AccountId => accountId;

        /// <summary>Grows until the read begins.</summary>
        public HashSet<Guid> KeyIds { get; } = [];

        public Task<bool> Landing { get; set; } = Task.FromResult(false);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Account {AccountId} could not be read for the hot store because the database does not answer", EventName = nameof(DatabaseDown))]
        public static partial void DatabaseDown(ILogger logger, Exception exception, Guid accountId);

        [LoggerMessage(2, LogLevel.Warning, "Account {AccountId} was pushed to the hot store, but the database could not be told", EventName = nameof(MarkFailed))]
        public static partial void MarkFailed(ILogger logger, Exception exception, Guid accountId);
    }
}
