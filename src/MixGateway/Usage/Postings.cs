using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>What is to become of one record of a group.</summary>
internal enum PostingOutcome
{
    /// <summary>It is written, and moves money.</summary>
    Inserted,

    /// <summary>It is there already, from an earlier try.</summary>
    Replayed,

    /// <summary>Another record of the same call is there.</summary>
    Lost,

    /// <summary>Nobody to charge.</summary>
    UnknownAccount,
}

/// <summary>A record's outcome with what goes with it.</summary>
/// <param name="Charged">What the call's one record charges; nothing where there is none.</param>
/// <param name="Account">The account right after the record, or as it was found.</param>
internal readonly record struct Posting(PostingOutcome Outcome, long Charged, AccountBalance Account)
{
    public Booking As(BookingResult result) =>
        new(result, new Money(Charged), new Money(Account.Balance), Account.Version, AtBooking: Outcome == PostingOutcome.Inserted);
}

/// <summary>
/// The rules of the books, pure: given what the database has, what a group of records writes. A call is charged once; a charge never
/// takes a balance below zero; the balance is the sum of the ledger; the day's sums are those of the day's records.
/// </summary>
internal sealed class Postings
{
    private readonly BookState _state;
    private readonly TimeZoneInfo _timeZone;
    private readonly DateTimeOffset _now;
    private readonly HashSet<Guid> _changed = [];
    private readonly Dictionary<(DateOnly Day, Guid AccountId, Guid KeyId, string Model), UsageDailyRow> _days = [];

    private Postings(BookState state, TimeZoneInfo timeZone, DateTimeOffset now)
    {
        _state = state;
        _timeZone = timeZone;
        _now = now;
    }

    /// <summary>One for each record of the group, in its order.</summary>
    public List<Posting> Outcomes { get; } = [];

    /// <summary>The records that are new.</summary>
    public List<UsageRecordRow> Records { get; } = [];

    /// <summary>An entry for each new record that is charged.</summary>
    public List<LedgerEntryRow> Ledger { get; } = [];

    /// <summary>The accounts of new records, as they are afterwards.</summary>
    public List<AccountBalance> Accounts { get; private set; } = [];

    /// <summary>What to add to the sums of days; no two for the same day, key and model.</summary>
    public List<UsageDailyRow> Days { get; private set; } = [];

    /// <param name="state">Is brought up to date with what is posted.</param>
    /// <param name="timeZone">In which a day begins.</param>
    /// <exception cref="OverflowException">Sums of the group do not fit in 64 bits.</exception>
    public static Postings Make(IReadOnlyList<UsageRecord> records, BookState state, TimeZoneInfo timeZone, DateTimeOffset now)
    {
        var postings = new Postings(state, timeZone, now);
        foreach (var record in records)
        {
            postings.Outcomes.Add(postings.Post(record));
        }

        postings.Accounts = [.. postings._changed.Select(id => state.Accounts[id])];
        postings.Days = [.. postings._days.Values];
        return postings;
    }

    private Posting Post(UsageRecord record)
    {
        if (_state.Booked.TryGetValue(record.RequestId, out var booked))
        {
            var outcome = booked.Call == BookedCall.Of(record) ? PostingOutcome.Replayed : PostingOutcome.Lost;
            return new Posting(outcome, booked.Charged, _state.Accounts.GetValueOrDefault(booked.Call.AccountId));
        }

        if (!_state.Accounts.TryGetValue(record.AccountId, out var account))
        {
            return new Posting(PostingOutcome.UnknownAccount, 0, default);
        }

        var most = Math.Min(Math.Max(account.Balance, 0), record.ChargeLimit?.Nanos ?? long.MaxValue);
        var charged = Math.Clamp(record.Cost.Nanos, 0, most);
        account = account with { Balance = account.Balance - charged, Version = account.Version + 1 };
        var row = UsageRecordRow.Of(record, new Money(charged), _now.UtcDateTime);
        Records.Add(row);
        if (charged != 0)
        {
            Ledger.Add(Entry(row, account));
        }

        AddToDay(row);
        _state.Accounts[record.AccountId] = account;
        _state.Booked.Add(record.RequestId, new BookedCharge(BookedCall.Of(record), charged));
        _changed.Add(record.AccountId);
        return new Posting(PostingOutcome.Inserted, charged, account);
    }

    private LedgerEntryRow Entry(UsageRecordRow row, AccountBalance account) => new()
    {
        AccountId = account.AccountId,
        Sequence = account.Version,
        Id = Guid.CreateVersion7(_now),
        Kind = LedgerKind.Usage,
        Amount = -row.Charged,
        BalanceAfter = account.Balance,
        RequestId = row.RequestId,
        CreatedAt = _now.UtcDateTime,
    };

    private void AddToDay(UsageRecordRow row)
    {
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(row.StartedAt, _timeZone));
        var key = (day, row.AccountId, row.KeyId, row.Model);
        var one = UsageDailyRow.Of(day, row);
        _days[key] = _days.TryGetValue(key, out var sum) ? sum.Plus(one) : one;
    }
}
