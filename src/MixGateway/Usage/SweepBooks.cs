using System.Collections.Concurrent;
using MixGateway.Quotas;

namespace MixGateway.Usage;

/// <summary>Books the calls whose owner did not: settled ones by their record, abandoned ones by what their last heartbeat had counted.</summary>
internal sealed partial class SweepBooks(IBooks books, DebitBooks debits, OpenCalls openCalls, ILogger<SweepBooks> logger) : ISweepBooks
{
    /// <summary>Records that were posted and are not in the database yet: the same call is found again by later sweeps.</summary>
    private readonly ConcurrentDictionary<Guid, Task<Booking>> _posted = new();

    /// <inheritdoc/>
    public async ValueTask<SweepAnswer> BookAsync(StoredCall call, CancellationToken cancellationToken)
    {
        if (!books.AcceptsCalls)
        {
            return SweepAnswer.Down;
        }

        if (call.IsDebit)
        {
            return await debits.ResolveAsync(call, cancellationToken) is { } resolved ? SweepAnswer.Booked(resolved) : SweepAnswer.Down;
        }

        if (!RecordPayload.TryRead(call.Record.Span, out var record))
        {
            Log.Unreadable(logger, call.RequestId);
            return SweepAnswer.Refused;
        }

        var posted = _posted.GetOrAdd(call.RequestId, static (_, state) => state.Books.PostAsync(state.Record), (Books: books, Record: RecordOf(call, record!)));
        var result = await books.WithinTimeoutAsync(posted);
        if (result == BookingResult.Pending)
        {
            return SweepAnswer.Down;
        }

        _posted.TryRemove(call.RequestId, out _);
        openCalls.Close(call.RequestId);
        var booking = await posted;
        return SweepAnswer.Booked(new SweptBooking(booking.Balance, booking.Version, booking.Charged, booking.AtBooking));
    }

    /// <summary>What a settled call wrote is final; of an abandoned one the store knows the cost that its last heartbeat gave.</summary>
    private static UsageRecord RecordOf(StoredCall call, UsageRecord record) => call.State == StoredCallState.Settled
        ? record with { ChargeLimit = call.Cost }
        : record with { Status = CallStatus.Abandoned, Cost = call.Cost, ChargeLimit = call.Hold };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The record of call {RequestId} in the hot store cannot be read by this version; a newer replica has to book it", EventName = nameof(Unreadable))]
        public static partial void Unreadable(ILogger logger, Guid requestId);
    }
}
