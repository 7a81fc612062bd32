using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>What the store knows of a call when its owner asks.</summary>
internal enum CallAnswer
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Somebody asked for its end: bill it like a caller who left.</summary>
    Stopped,

    /// <summary>The account was suspended: end it.</summary>
    Suspended,

    /// <summary>Taken for dead: its end must not be given out.</summary>
    Abandoned,

    /// <summary>Unknown: lost by the store, or booked and forgotten.</summary>
    Missing,

    /// <summary>The account is unknown too: install it, then ask again.</summary>
    Load,

    /// <summary>The store does not answer.</summary>
    Down,

    /// <summary>The store answers, but the script failed: a mistake in the gateway, which is in the log. Told by reads and repairs; a step of a call says <see cref="Down"/>.</summary>
    Broken,
}

/// <summary>An answer, and with <see cref="CallAnswer.Ok"/> the amount: of a settle the charge, of a raise the hold.</summary>
internal readonly record struct AmountAnswer(CallAnswer Answer, Money Amount);

/// <summary>The steps of a call that its owner takes. Each is one round trip and may be repeated.</summary>
internal sealed class CallStore(ScriptRunner runner, IOptions<QuotasOptions> options)
{
    /// <summary>A settled or abandoned call that nobody acknowledged is up for booking by any replica after this long.</summary>
    public static readonly TimeSpan BookingGrace = TimeSpan.FromSeconds(10);

    /// <summary>The most that a hold, a cost or a charge is taken for: far more than any balance, and sums of it stay below 2⁶³.</summary>
    public const long MaxAmount = 999_999_999_999_999_999;

    /// <summary>The most tokens that one call is taken for: sums of it stay exact as Lua numbers.</summary>
    public const long MaxTokens = 100_000_000_000;

    private const int MaxInDoubt = 100_000;

    private readonly RedisValue _lease = (long)options.Value.Lease.TotalMilliseconds;
    private readonly RedisValue _grace = (long)BookingGrace.TotalMilliseconds;
    private readonly ConcurrentQueue<(CallTicket Ticket, long Deadline)> _inDoubt = new();
    private readonly TimeSpan _doubtFor = options.Value.Lease;

    /// <summary>Asks whether a call may run. An admission whose answer does not come is taken back in the background.</summary>
    public async ValueTask<Admission> AdmitAsync(AdmissionRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Tokens);
        var ticket = new CallTicket(request);
        var reply = await runner.RunAsync(Script.Admit, ticket.Keys,
        [
            default, ticket.Id, ticket.AccountId.ToString("N"), ticket.KeyId.ToString("N"), Amount(request.Hold), Math.Min(request.Tokens, MaxTokens),
            _lease, request.Period.Day, request.Period.Month, request.Record, request.Key.AsOf, request.Key.Changed, runner.StoreId,
        ]).ConfigureAwait(false);
        if (!reply.IsDown)
        {
            return AdmissionReply.Read(reply.Text, ticket);
        }

        if (reply.MayHaveRun && _inDoubt.Count < MaxInDoubt)
        {
            _inDoubt.Enqueue((ticket, Environment.TickCount64 + (long)_doubtFor.TotalMilliseconds));
        }

        return Admission.Down;
    }

    /// <summary>
    /// Asks before a call's body is read whether any call of its key may run: key and account alive, their limits on calls not
    /// reached, anything left to spend. Changes nothing.
    /// </summary>
    /// <param name="everyCallCosts">False if there are models that cost nothing, for which no credit is needed.</param>
    public async ValueTask<Admission> PeekAsync(Guid accountId, Guid keyId, KeyVersion key, BillingPeriod period, bool everyCallCosts)
    {
        var reply = await runner.RunAsync(Script.Peek, AccountShard.KeysOf(accountId),
            [default, keyId.ToString("N"), period.Day, period.Month, key.Changed, runner.StoreId, everyCallCosts]).ConfigureAwait(false);
        return reply.IsDown ? Admission.Down : AdmissionReply.ReadPeek(reply.Text);
    }

    /// <summary>Says that a call is alive, what it has cost so far, and what to book should this gateway die.</summary>
    public async ValueTask<CallAnswer> ExtendAsync(CallTicket ticket, Money cost, ReadOnlyMemory<byte> record)
    {
        var reply = await runner.RunAsync(Script.Extend, ticket.Keys, [default, ticket.Id, Amount(cost), _lease, record]).ConfigureAwait(false);
        return AnswerOf(reply);
    }

    /// <summary>Holds a running call again that the store lost. From then on only the database may confirm its end.</summary>
    public async ValueTask<CallAnswer> RestoreAsync(CallTicket ticket, Money cost, ReadOnlyMemory<byte> record)
    {
        var reply = await runner.RunAsync(Script.Restore, ticket.Keys,
        [
            default, ticket.Id, ticket.AccountId.ToString("N"), ticket.KeyId.ToString("N"), Amount(ticket.Hold), Math.Min(ticket.Tokens, MaxTokens),
            _lease, ticket.Period.Day, ticket.Period.Month, Amount(cost), record, runner.DatabaseId,
        ]).ConfigureAwait(false);
        return AnswerOf(reply);
    }

    /// <summary>Records the end of a call and fixes its charge. On a durable store, <see cref="CallAnswer.Ok"/> lets the end go out.</summary>
    /// <param name="tokens">What it used, prompt and answer.</param>
    public async ValueTask<AmountAnswer> SettleAsync(CallTicket ticket, Money cost, long tokens, ReadOnlyMemory<byte> record)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        var reply = await runner.RunAsync(Script.Settle, ticket.Keys, [default, ticket.Id, Amount(cost), Math.Min(tokens, MaxTokens), _grace, record]).ConfigureAwait(false);
        return AmountOf(reply);
    }

    /// <summary>Takes as much more than the hold as is available, for a call that cost more; what is then held may be charged.</summary>
    public async ValueTask<AmountAnswer> RaiseAsync(CallTicket ticket, Money cost)
    {
        var reply = await runner.RunAsync(Script.Raise, ticket.Keys, [default, ticket.Id, Amount(cost)]).ConfigureAwait(false);
        return AmountOf(reply);
    }

    /// <summary>The database has the call's record: forget the call.</summary>
    /// <param name="balance">The account's balance.</param>
    /// <param name="version">The account's version with that balance.</param>
    /// <param name="charged">What the record that won charges.</param>
    /// <param name="tokens">What it used, prompt and answer: where the call was not settled, this is what corrects its bound. Null if unknown.</param>
    /// <param name="atBooking">True if balance and version are those right after this call was booked; false if they were read later, so that they may count other calls too.</param>
    public async ValueTask<CallAnswer> AckAsync(CallTicket ticket, Money balance, long version, Money charged, long? tokens = null, bool atBooking = false)
    {
        RedisValue used = tokens is { } known ? Math.Min(known, MaxTokens) : RedisValue.EmptyString;
        RedisValue[] values = [default, ticket.Id, balance.Nanos, version, Amount(charged), used, atBooking];
        return AnswerOf(await runner.RunAsync(Script.Ack, ticket.Keys, values).ConfigureAwait(false));
    }

    /// <summary>Takes an admission back as if it had never been. Only for a call that has not begun.</summary>
    public async ValueTask<CallAnswer> ReleaseAsync(CallTicket ticket)
    {
        var reply = await runner.RunAsync(Script.Release, ticket.Keys, [default, ticket.Id, _lease]).ConfigureAwait(false);
        return AnswerOf(reply);
    }

    /// <summary>Takes back the admissions whose answer never came. Those that cannot be reached within a lease are left to the sweep.</summary>
    public async ValueTask ReleaseInDoubtAsync()
    {
        for (var left = _inDoubt.Count; left > 0 && _inDoubt.TryDequeue(out var doubt); left--)
        {
            if (await ReleaseAsync(doubt.Ticket).ConfigureAwait(false) is CallAnswer.Down && Environment.TickCount64 < doubt.Deadline)
            {
                _inDoubt.Enqueue(doubt);
                return;
            }
        }
    }

    internal static RedisValue Amount(Money money)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(money.Nanos);
        return Math.Min(money.Nanos, MaxAmount);
    }

    internal static CallAnswer AnswerOf(ScriptReply reply) => reply.IsDown ? CallAnswer.Down : AnswerOf(reply.Text);

    private static AmountAnswer AmountOf(ScriptReply reply)
    {
        if (reply.IsDown)
        {
            return new AmountAnswer(CallAnswer.Down, Money.Zero);
        }

        var text = reply.Text;
        return text.StartsWith("ok|", StringComparison.Ordinal)
            ? new AmountAnswer(CallAnswer.Ok, new Money(long.Parse(text.AsSpan(3), CultureInfo.InvariantCulture)))
            : new AmountAnswer(AnswerOf(text), Money.Zero);
    }

    private static CallAnswer AnswerOf(string word) => word switch
    {
        "ok" => CallAnswer.Ok,
        "stopped" => CallAnswer.Stopped,
        "suspended" => CallAnswer.Suspended,
        "abandoned" => CallAnswer.Abandoned,
        "missing" or "gone" => CallAnswer.Missing,
        "load" => CallAnswer.Load,

        // The contents are another database's now. This gateway takes no calls any more and says why; the call goes on without the store.
        "foreign" => CallAnswer.Down,
        _ => throw new InvalidOperationException($"A script answered '{word}'."),
    };
}
