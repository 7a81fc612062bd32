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

    public static async Task<FaultCalls> OpenAsync(FaultStage stage) => new(await HotStoreServer.ConnectAsync(stage.Redis.ConnectionString));

    /// <summary>Waits until none of the calls that run now does any more: those of a gateway that does nothing end when others have declared them dead.</summary>
    public async Task RunningHaveEndedAsync()
    {
        var running = await Eventually.GetAsync(() => ListAsync(StoredCallState.Held), "an answer of the hot store");
        await Eventually.TrueAsync(
            async () => await ListAsync(StoredCallState.Held) is { } held && !held.Select(IdOf).Intersect(running.Select(IdOf)).Any(), "the end of every call that ran", Patience);
    }

    /// <summary>Waits, while there is no database, until a call is settled, which the hot store alone knows then.</summary>
    public Task<StoredCall> SettledAsync() =>
        Eventually.GetAsync(async () => await ListAsync(StoredCallState.Settled) is { Count: > 0 } settled ? settled[0] : null, "a settled call");

    /// <summary>Waits until a call's owner has had its time to book it, and another replica has tried instead: then it is put off.</summary>
    public async Task PutOffAsync(StoredCall call)
    {
        var due = await DueAsync(call);
        await Eventually.TrueAsync(async () => await DueAsync(call) > due, "a sweep that wants to book a settled call", Patience);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<double> DueAsync(StoredCall call) =>
        await _connection.Database.SortedSetScoreAsync(AccountShard.KeysOf(call.AccountId)[2], call.RequestId.ToString("N"))
            ?? throw new InvalidOperationException($"Call {call.RequestId} is not in the hot store any more, and there is no database to book it in.");

    private async Task<List<StoredCall>?> ListAsync(StoredCallState state) =>
        await _shards.ListAsync() is { } calls ? [.. calls.Where(call => call.State == state)] : null;

    private static Guid IdOf(StoredCall call) => call.RequestId;
}
