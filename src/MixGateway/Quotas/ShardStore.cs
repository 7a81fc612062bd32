using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>What a claim found in a shard.</summary>
/// <param name="IsDown">The store does not answer.</param>
/// <param name="Calls">How many calls the shard has, due or not.</param>
/// <param name="Due">Those to look after; empty in a sweep of grace.</param>
/// <param name="IsFull">True if as many were due as one claim takes, so that there may be more.</param>
/// <param name="Forgotten">How many were marks that are over.</param>
/// <param name="IsBroken">The store answers, but this shard cannot be claimed: others may.</param>
/// <param name="IsForeign">The shard holds calls of another database, which are not this gateway's to look after.</param>
internal readonly record struct ClaimAnswer(
    bool IsDown, bool WasGrace, long Calls, IReadOnlyList<StoredCall> Due, bool IsFull = false, int Forgotten = 0, bool IsBroken = false, bool IsForeign = false);

/// <summary>What any replica does with a shard's calls: sweep, list, stop.</summary>
internal sealed class ShardStore(ScriptRunner runner, Func<IDatabase> database, IOptions<QuotasOptions> options)
{
    /// <summary>A claim lists so many calls of a shard; who has handled them claims the rest.</summary>
    private const int ClaimLimit = 200;

    /// <summary>The member of a shard's calls that says whose they are, and what it is while nobody has said so; see <c>_owner.lua</c>.</summary>
    private const string Owner = "#";
    private const string Nobody = "1";

    private readonly RedisValue _lease = (long)options.Value.Lease.TotalMilliseconds;
    private readonly RedisValue _grace = (long)CallStore.BookingGrace.TotalMilliseconds;

    /// <summary>True if shards are bound to a database, so that it has to be known whose the contents are before anything is taken out.</summary>
    public bool AreOwned => runner.DatabaseId.Length > 0;

    /// <summary>Lists what is due, or gives everything one more lease if nobody swept for more than half of one.</summary>
    public async ValueTask<ClaimAnswer> ClaimAsync(int shard)
    {
        var reply = await runner.RunAsync(Script.Claim, AccountShard.KeysOf(shard), [default, _lease, _grace, ClaimLimit, runner.DatabaseId]).ConfigureAwait(false);
        if (reply.IsDown)
        {
            return new ClaimAnswer(!reply.IsBroken, false, 0, [], IsBroken: reply.IsBroken);
        }

        var items = (RedisValue[])reply.Result!;
        if (items[0] == "foreign")
        {
            return new ClaimAnswer(false, false, 0, [], IsForeign: true);
        }

        var (taken, listed) = ((int)items[2], (items.Length - 3) / 2);
        var due = new List<StoredCall>(listed);
        for (var i = 3; i + 1 < items.Length; i += 2)
        {
            if (StoredCall.TryRead(items[i].ToString(), (ReadOnlyMemory<byte>)items[i + 1]) is { } call)
            {
                due.Add(call);
            }
        }

        return new ClaimAnswer(false, items[0] == "grace", (long)items[1], due, taken >= ClaimLimit, taken - listed);
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
    public async ValueTask<bool> AckAsync(StoredCall call, SweptBooking booking)
    {
        var reply = await runner.RunAsync(Script.Ack, AccountShard.KeysOf(call.AccountId),
            [default, call.RequestId.ToString("N"), booking.Balance.Nanos, booking.Version, CallStore.Amount(booking.Charged), RedisValue.EmptyString, booking.AtBooking]).ConfigureAwait(false);
        return !reply.IsDown;
    }

    /// <summary>Every call and debit that is running or waits to be booked, on all replicas; none of another database.</summary>
    /// <param name="accountId">Null for all accounts.</param>
    /// <returns>Null if the store does not answer.</returns>
    public async ValueTask<IReadOnlyList<StoredCall>?> ListAsync(Guid? accountId = null)
    {
        List<StoredCall> calls = [];
        try
        {
            var (first, end) = accountId is { } id ? (AccountShard.Of(id), AccountShard.Of(id) + 1) : (0, AccountShard.Count);
            for (var shard = first; shard < end; shard++)
            {
                var entries = await database().HashGetAllAsync(AccountShard.KeysOf(shard)[1]).ConfigureAwait(false);
                if (AreOwned && Array.Exists(entries, entry => entry.Name == Owner && entry.Value != runner.DatabaseId && entry.Value != Nobody))
                {
                    continue;
                }

                foreach (var entry in entries)
                {
                    if (StoredCall.TryRead(entry.Name.ToString(), (ReadOnlyMemory<byte>)entry.Value) is { } call && (accountId ?? call.AccountId) == call.AccountId)
                    {
                        calls.Add(call);
                    }
                }
            }
        }
        catch (Exception e) when (ScriptRunner.IsAway(e))
        {
            return null;
        }

        return calls;
    }

    /// <summary>Looks for a call on all shards at once: its id does not tell its account.</summary>
    /// <returns><see cref="CallAnswer.Ok"/> with the call, <see cref="CallAnswer.Missing"/> or <see cref="CallAnswer.Down"/>.</returns>
    public async ValueTask<AccountAnswer<StoredCall>> FindAsync(Guid requestId)
    {
        var id = requestId.ToString("N");
        var reads = new Task<RedisValue>[AccountShard.Count];
        try
        {
            for (var shard = 0; shard < reads.Length; shard++)
            {
                reads[shard] = database().HashGetAsync(AccountShard.KeysOf(shard)[1], id);
            }

            foreach (var payload in await Task.WhenAll(reads).ConfigureAwait(false))
            {
                if (!payload.IsNull && StoredCall.TryRead(id, (ReadOnlyMemory<byte>)payload) is { } call)
                {
                    return new(CallAnswer.Ok, call);
                }
            }
        }
        catch (Exception e) when (ScriptRunner.IsAway(e))
        {
            return new(CallAnswer.Down, null);
        }

        return new(CallAnswer.Missing, null);
    }

    /// <summary>Asks the owner of a running call to end it as if its caller had left; it does so at its next heartbeat.</summary>
    /// <returns><see cref="CallAnswer.Ok"/>, <see cref="CallAnswer.Missing"/> if it does not run any more, or <see cref="CallAnswer.Down"/>.</returns>
    public async ValueTask<CallAnswer> StopAsync(StoredCall call) =>
        CallStore.AnswerOf(await runner.RunAsync(Script.Stop, AccountShard.KeysOf(AccountShard.Of(call.AccountId)), [default, call.RequestId.ToString("N")]).ConfigureAwait(false));
}
