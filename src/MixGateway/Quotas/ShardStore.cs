using Microsoft.Extensions.Options;
using MixGateway.Billing;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>What a claim found in a shard.</summary>
/// <param name="Calls">How many calls the shard has, due or not.</param>
/// <param name="Due">Those to look after; empty in a sweep of grace.</param>
internal readonly record struct ClaimAnswer(bool IsDown, bool WasGrace, long Calls, IReadOnlyList<StoredCall> Due);

/// <summary>What any replica does with a shard's calls: sweep, list, stop.</summary>
internal sealed class ShardStore(ScriptRunner runner, Func<IDatabase> database, IOptions<QuotasOptions> options)
{
    /// <summary>A sweep takes so many calls of a shard at once; the rest is due at the next.</summary>
    private const int ClaimLimit = 200;

    private readonly RedisValue _lease = (long)options.Value.Lease.TotalMilliseconds;
    private readonly RedisValue _grace = (long)CallStore.BookingGrace.TotalMilliseconds;

    /// <summary>Lists what is due, or gives everything one more lease if nobody swept for more than half of one.</summary>
    public async ValueTask<ClaimAnswer> ClaimAsync(int shard)
    {
        var reply = await runner.RunAsync(Script.Claim, AccountShard.KeysOf(shard), [default, _lease, _grace, ClaimLimit]).ConfigureAwait(false);
        if (reply.IsDown)
        {
            return new ClaimAnswer(true, false, 0, []);
        }

        var items = (RedisValue[])reply.Result!;
        var due = new List<StoredCall>((items.Length - 2) / 2);
        for (var i = 2; i + 1 < items.Length; i += 2)
        {
            if (StoredCall.TryRead(items[i].ToString(), (ReadOnlyMemory<byte>)items[i + 1]) is { } call)
            {
                due.Add(call);
            }
        }

        return new ClaimAnswer(false, items[0] == "grace", (long)items[1], due);
    }

    /// <summary>Declares a call dead whose lease has run out.</summary>
    /// <returns>The call to book, or null if it lives, is gone, or the store does not answer.</returns>
    public async ValueTask<StoredCall?> AbandonAsync(StoredCall call)
    {
        var id = call.RequestId.ToString("N");
        var reply = await runner.RunAsync(Script.Abandon, AccountShard.KeysOf(call.AccountId), [default, id, _grace]).ConfigureAwait(false);
        return reply.IsDown ? null : StoredCall.TryRead(id, (ReadOnlyMemory<byte>)(RedisValue)reply.Result!);
    }

    /// <summary>Forgets a call that is booked; see <see cref="CallStore.AckAsync"/>.</summary>
    public async ValueTask<bool> AckAsync(StoredCall call, Money balance, long version, Money charged)
    {
        var reply = await runner.RunAsync(Script.Ack, AccountShard.KeysOf(call.AccountId),
            [default, call.RequestId.ToString("N"), balance.Nanos, version, CallStore.Amount(charged)]).ConfigureAwait(false);
        return !reply.IsDown;
    }

    /// <summary>Every call that is running or waits to be booked, on all replicas.</summary>
    /// <returns>Null if the store does not answer.</returns>
    public async ValueTask<IReadOnlyList<StoredCall>?> ListAsync()
    {
        List<StoredCall> calls = [];
        try
        {
            for (var shard = 0; shard < AccountShard.Count; shard++)
            {
                foreach (var entry in await database().HashGetAllAsync(AccountShard.KeysOf(shard)[1]).ConfigureAwait(false))
                {
                    if (StoredCall.TryRead(entry.Name.ToString(), (ReadOnlyMemory<byte>)entry.Value) is { } call)
                    {
                        calls.Add(call);
                    }
                }
            }
        }
        catch (RedisException)
        {
            return null;
        }

        return calls;
    }

    /// <summary>Asks the owner of a running call to end it as if its caller had left; it does so at its next heartbeat.</summary>
    public async ValueTask<CallAnswer> StopAsync(Guid requestId)
    {
        RedisValue id = requestId.ToString("N");
        var tries = new Task<ScriptReply>[AccountShard.Count];
        for (var shard = 0; shard < tries.Length; shard++)
        {
            tries[shard] = runner.RunAsync(Script.Stop, AccountShard.KeysOf(shard), [default, id]).AsTask();
        }

        var down = false;
        foreach (var reply in await Task.WhenAll(tries).ConfigureAwait(false))
        {
            if (!reply.IsDown && reply.Text is "ok")
            {
                return CallAnswer.Ok;
            }

            down |= reply.IsDown;
        }

        return down ? CallAnswer.Down : CallAnswer.Missing;
    }
}
