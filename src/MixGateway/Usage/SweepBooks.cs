using System.Collections.Concurrent;
using MixGateway.Quotas;

namespace MixGateway.Usage;

/// <summary>Books the calls whose owners did not: settled ones by their record, abandoned ones by what their last heartbeat had counted.</summary>
internal sealed partial class SweepBooks(IBooks books, DebitBooks debits, OpenCalls openCalls, ILogger<SweepBooks> logger) : ISweepBooks
{
    /// <summary>Records that were posted and are not in the database yet: the same call is found again by later sweeps.</summary>
    private readonly ConcurrentDictionary<Guid, Task<Booking>> _posted = new();

    /// <inheritdoc/>
    public Task<SweepAnswer[]> BookAsync(IReadOnlyList<StoredCall> calls, CancellationToken cancellationToken)
    {
        // All are posted before any is waited for: what waits together is booked together.
        var answers = new Task<SweepAnswer>[calls.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = TryAsync(calls[i], cancellationToken);
        }

        return Task.WhenAll(answers);
    }

    /// <summary>A mistake in one call does not keep the others from being booked.</summary>
    private async Task<SweepAnswer> TryAsync(StoredCall call, CancellationToken cancellationToken)
    {
        try
        {
            return call.IsDebit ? await ResolveAsync(call, cancellationToken) : await BookAsync(call);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Broken(logger, exception, call.RequestId);
            return SweepAnswer.Refused;
        }
    }

    private async Task<SweepAnswer> ResolveAsync(StoredCall debit, CancellationToken cancellationToken) =>
        books.AcceptsCalls && await debits.ResolveAsync(debit, cancellationToken) is { } resolved ? SweepAnswer.Booked(resolved) : SweepAnswer.Down;

    private async Task<SweepAnswer> BookAsync(StoredCall call)
    {
        if (!books.AcceptsCalls)
        {
            return SweepAnswer.Down;
        }

        if (!RecordPayload.TryRead(call.Record.Span, out var record))
        {
            Log.Unreadable(logger, call.RequestId);
            return SweepAnswer.Refused;
        }

        var posted = _posted.GetOrAdd(call.RequestId, static (_, state) => state.Sweep.PostAsync(state.Record), (Sweep: this, Record: RecordOf(call, record!)));
        if (await books.WithinTimeoutAsync(posted) == BookingResult.Pending)
        {
            return SweepAnswer.Down;
        }

        _posted.TryRemove(call.RequestId, out _);
        openCalls.Close(call.RequestId);
        var booking = await posted;
        return SweepAnswer.Booked(new SweptBooking(booking.Balance, booking.Version, booking.Charged, booking.AtBooking));
    }

    /// <summary>Forgets what it posted once the database has it, also if another replica's sweep ends the call.</summary>
    private async Task<Booking> PostAsync(UsageRecord record)
    {
        var booking = await books.PostAsync(record);
        _posted.TryRemove(record.RequestId, out _);
        return booking;
    }

    /// <summary>What a settled call wrote is final; of an abandoned one the store knows the cost that its last heartbeat gave.</summary>
    private static UsageRecord RecordOf(StoredCall call, UsageRecord record) => call.State == StoredCallState.Settled
        ? record with { ChargeLimit = call.Cost }
        : record with { Status = CallStatus.Abandoned, Cost = call.Cost, ChargeLimit = call.Hold };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The record of call {RequestId} in the hot store cannot be read by this version; a newer replica has to book it", EventName = nameof(Unreadable))]
        public static partial void Unreadable(ILogger logger, Guid requestId);

        [LoggerMessage(2, LogLevel.Error, "Call {RequestId} in the hot store cannot be booked because of a mistake in the gateway; the sweep tries it again", EventName = nameof(Broken))]
        public static partial void Broken(ILogger logger, Exception exception, Guid requestId);
    }
}
