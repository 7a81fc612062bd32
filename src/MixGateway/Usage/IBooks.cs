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

/// <summary>BOOK of the design: one database transaction for many records; only what was inserted moves money.</summary>
internal interface IBooks
{
    /// <summary>Offers a record and waits until it is durable, at most <c>Quotas:SettleTimeout</c>. Never throws for a database that is down.</summary>
    ValueTask<BookingResult> BookAsync(UsageRecord record);

    /// <summary>False while the database does not take records, or too many wait: new calls are refused with 503.</summary>
    bool AcceptsCalls { get; }
}
