using System.Collections.Concurrent;
using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.Usage;

/// <summary>
/// The end of a call on both stores. On a durable hot store a settle makes the end durable and the database follows; else, or
/// where that store is silent or has lost the call, the database has to confirm it. Whatever happens, the record is posted, and
/// the hot store is told once the database has it.
/// </summary>
internal sealed partial class CallSettler(
    CallStore calls, HotStoreStatus hotStore, IBooks books, OpenCalls openCalls, UsageMetrics metrics, TimeProvider time, ILogger<CallSettler> logger)
{
    /// <summary>Calls that are over, whose records wait in this process alone for a database that was too slow for their ends.</summary>
    private readonly ConcurrentDictionary<Guid, WaitingCall> _waiting = new();

    /// <inheritdoc cref="_waiting"/>
    public IEnumerable<WaitingCall> Waiting => _waiting.Values;

    /// <summary>Only after <see cref="BookingResult.Booked"/> may the end of the answer go out.</summary>
    public async ValueTask<BookingResult> SettleAsync(HeldCall call, UsageRecord record)
    {
        var startedAt = metrics.Start();
        var result = await SettleOnceAsync(call, record, startedAt);
        metrics.Settled(startedAt, result);
        return result;
    }

    private async ValueTask<BookingResult> SettleOnceAsync(HeldCall call, UsageRecord record, long startedAt)
    {
        var since = time.GetUtcNow().UtcDateTime;
        var answers = true;
        if (!call.DatabaseOnly && hotStore.Kind == HotStoreKind.Durable)
        {
            var settled = await calls.SettleAsync(call.Ticket, record.Cost, TokensOf(record), RecordPayload.Write(record));
            switch (settled.Answer)
            {
                case CallAnswer.Ok:
                    _ = PostAsync(call, record with { ChargeLimit = settled.Amount, SettlementMs = (int)time.GetElapsedTime(startedAt).TotalMilliseconds });
                    return BookingResult.Booked;
                case CallAnswer.Abandoned:
                    Log.Abandoned(logger, record.RequestId);
                    return BookingResult.Lost;
                case CallAnswer.Down:
                    answers = false;
                    break;
            }
        }

        var limit = call.Ticket.Hold;
        if (answers && record.Cost > limit)
        {
            limit = await RaiseAsync(call, record, limit);
        }

        return await BookAsync(call, record with { ChargeLimit = limit, SettlesSince = since });
    }

    /// <summary>A call that cost more than it held may be charged what else is available, so that no other call's hold is spent.</summary>
    private async ValueTask<Money> RaiseAsync(HeldCall call, UsageRecord record, Money hold)
    {
        var raised = await calls.RaiseAsync(call.Ticket, record.Cost);
        return raised.Answer == CallAnswer.Ok ? raised.Amount : hold;
    }

    private async ValueTask<BookingResult> BookAsync(HeldCall call, UsageRecord record)
    {
        var posted = PostAsync(call, record);
        var result = await books.WithinTimeoutAsync(posted);
        if (result == BookingResult.Pending)
        {
            _waiting[record.RequestId] = new WaitingCall(call, record);
            _ = ForgetAsync(record.RequestId, posted);
        }

        return result;
    }

    private async Task ForgetAsync(Guid requestId, Task<Booking> posted)
    {
        await ((Task)posted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _waiting.TryRemove(requestId, out _);
    }

    private async Task<Booking> PostAsync(HeldCall call, UsageRecord record)
    {
        var booking = await books.PostAsync(record);
        if (booking.Result != BookingResult.Pending)
        {
            openCalls.Close(record.RequestId);

            // Also for a record that was put aside: it charges nothing, and no later try could end otherwise. If this does not get
            // through, the sweep finds the call, sees what became of it, and says it again.
            await AcknowledgeAsync(call, record, booking);
        }

        return booking;
    }

    /// <summary>Nobody waits for it, and whatever happens to it, the record is on the books.</summary>
    private async Task AcknowledgeAsync(HeldCall call, UsageRecord record, Booking booking)
    {
        try
        {
            await calls.AckAsync(call.Ticket, booking.Balance, booking.Version, booking.Charged, TokensOf(record), booking.AtBooking);
        }
        catch (Exception exception)
        {
            Log.NotAcknowledged(logger, exception, record.RequestId);
        }
    }

    private static long TokensOf(UsageRecord record) => record.Tokens.PromptTokens + record.Tokens.CompletionTokens;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Call {RequestId} was taken for dead before it ended: its end is withheld", EventName = nameof(Abandoned))]
        public static partial void Abandoned(ILogger logger, Guid requestId);

        [LoggerMessage(2, LogLevel.Error, "The hot store could not be told that call {RequestId} is booked; the sweep tells it again", EventName = nameof(NotAcknowledged))]
        public static partial void NotAcknowledged(ILogger logger, Exception exception, Guid requestId);
    }
}

/// <summary>A call that is over and holds its money until the database has its record.</summary>
internal readonly record struct WaitingCall(HeldCall Call, UsageRecord Record);
