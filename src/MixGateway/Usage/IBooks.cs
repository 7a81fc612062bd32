using MixGateway.Billing;

namespace MixGateway.Usage;

/// <summary>What became of a record that was offered to the books.</summary>
internal enum BookingResult
{
    /// <summary>The record is committed and is this call's one record: the end of the answer may go out.</summary>
    Booked,

    /// <summary>Another record of the same call was there first: the end must not go out.</summary>
    Lost,

    /// <summary>The database refuses this very record; it was put aside with an alarm.</summary>
    Rejected,

    /// <summary>Not durable in time. The record stays in memory and is retried until the database takes it.</summary>
    Pending,
}

/// <summary>What the database says of a record once it is settled there.</summary>
/// <param name="Charged">What the call's one record charges, whoever wrote it.</param>
/// <param name="Balance">The account's balance after the record, or as it was found if the record was there.</param>
/// <param name="Version">The account's version that goes with the balance.</param>
/// <param name="AtBooking">True if balance and version are those right after the record; false if they were found, and may count later records too.</param>
internal readonly record struct Booking(BookingResult Result, Money Charged, Money Balance, long Version, bool AtBooking);

/// <summary>BOOK of the design: one database transaction for many records; only what was inserted moves money.</summary>
internal interface IBooks
{
    /// <summary>Offers a record and waits until it is durable, at most <c>Quotas:SettleTimeout</c>. Never throws for a database that is down.</summary>
    ValueTask<BookingResult> BookAsync(UsageRecord record);

    /// <summary>Offers a record; the task is done when the database has it, or refuses it, however long that takes. Never faults.</summary>
    Task<Booking> PostAsync(UsageRecord record);

    /// <summary>Waits for a posted record at most <c>Quotas:SettleTimeout</c>; then it counts as <see cref="BookingResult.Pending"/>.</summary>
    ValueTask<BookingResult> WithinTimeoutAsync(Task<Booking> posted);

    /// <summary>False while the database does not take records, or too many wait.</summary>
    bool AcceptsCalls { get; }

    /// <summary>For how long the database has taken records, without a failure that was noticed; zero while it does not.</summary>
    TimeSpan UpFor { get; }

    /// <summary>True if too many records wait for the database: even where a durable store has them too, memory has an end.</summary>
    bool IsFull { get; }
}
