using MixGateway.IntegrationTests.Fixtures;
using MixGateway.IntegrationTests.Quotas;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>What the hot store has of calls, by which it is seen how far the gateways have come with a fault.</summary>
internal sealed class FaultCalls : IAsyncDisposable
{
    /// <summary>Until a settled call is due there is the longest call, <see cref="CallStore.BookingGrace"/> and a sweep; doubled for a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HotStoreConnection _connection;
    private readonly ShardStore _shards;

    private FaultCalls(HotStoreConnection connection)
    {
        _connection = connection;
        _shards = new HotStoreClient(connection, HotStoreServer.Options).Shards;
    }

    public static async Task<FaultCalls> OpenAsync(FaultStage stage) => new(await HotStoreServer.ConnectAsync(stage.HotStore));

    /// <summary>Waits until none of the calls that run now does any more: those of a gateway that does nothing end when others have declared them dead.</summary>
    public async Task RunningHaveEndedAsync()
    {
        var running = await Eventually.GetAsync(() => ListAsync(StoredCallState.Held), "an answer of the hot store");
        await Eventually.TrueAsync(
            async () => await ListAsync(StoredCallState.Held) is { } held && !held.Select(IdOf).Intersect(running.Select(IdOf)).Any(), "the end of every call that ran", Patience);
    }

    /// <summary>Waits until a call is settled; while there is no database, the hot store alone knows of that.</summary>
    public Task SettledAsync() => Eventually.TrueAsync(async () => await ListAsync(StoredCallState.Settled) is { Count: > 0 }, "a settled call");

    /// <summary>Waits, while there is no database, until an owner has had its time to book a settled call, and another replica has tried instead: then it is put off.</summary>
    public async Task SettledArePutOffAsync()
    {
        // Any of them: one that was booked right before the database went is acknowledged and gone a moment later.
        var dues = new Dictionary<Guid, double>();
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var call in await ListAsync(StoredCallState.Settled) ?? [])
                {
                    if (await DueAsync(call) is { } due && due > (dues.TryAdd(call.RequestId, due) ? due : dues[call.RequestId]))
                    {
                        return true;
                    }
                }

                return false;
            },
            "a sweep that wants to book a settled call",
            Patience);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<double?> DueAsync(StoredCall call) =>
        await _connection.Database.SortedSetScoreAsync(AccountShard.KeysOf(call.AccountId)[2], call.RequestId.ToString("N"));

    private async Task<List<StoredCall>?> ListAsync(StoredCallState state) =>
        await _shards.ListAsync() is { } calls ? [.. calls.Where(call => call.State == state)] : null;

    private static Guid IdOf(StoredCall call) => call.RequestId;
}
