using System.Threading.Channels;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.Usage.Retention;

namespace MixGateway.Usage;

/// <summary>
/// Books records in groups: whatever waits goes into one transaction, and while it runs the next group gathers, so that many calls that
/// end at once share a commit and a single one does not wait. A record that was offered is kept until the database has it, however
/// long it is down; only the end of the process, after the drain at stop, gives it up.
/// </summary>
internal sealed partial class Books : IBooks, IHostedService, IDisposable
{
    /// <summary>Beyond it a larger group costs as much a record as a smaller one, and locks accounts for longer.</summary>
    private const int MaxGroup = 500;

    private static readonly TimeSpan AfterAMistake = TimeSpan.FromSeconds(1);

    private readonly IBookStore _store;
    private readonly StoreWatch _watch;
    private readonly IAccountObserver[] _observers;
    private readonly BooksOptions _options;
    private readonly TimeZoneInfo _timeZone;
    private readonly UsageHorizon _horizon;
    private readonly UsageMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<Books> _logger;
    private readonly Channel<PendingRecord> _queue = Channel.CreateUnbounded<PendingRecord>(new() { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _givingUp = new();
    private Task _drain = Task.CompletedTask;
    private Task _probe = Task.CompletedTask;
    private int _pending;
    private long _groupSince;

    public Books(
        IBookStore store,
        IEnumerable<IAccountObserver> observers,
        IOptions<BooksOptions> options,
        IOptions<BillingOptions> billing,
        UsageHorizon horizon,
        UsageMetrics metrics,
        TimeProvider time,
        ILogger<Books> logger)
    {
        _store = store;
        _watch = new StoreWatch(store, time, logger);
        _observers = [.. observers];
        _options = options.Value;
        _timeZone = billing.Value.GetTimeZone();
        _horizon = horizon;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        metrics.Observe(this);
    }

    /// <inheritdoc/>
    public bool AcceptsCalls => !_watch.IsDown && !IsFull;

    /// <inheritdoc/>
    public TimeSpan UpFor => _watch.UpFor;

    /// <inheritdoc/>
    public bool IsFull => Pending >= _options.MaxPending;

    /// <summary>Records that were offered and are neither in the database nor put aside.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>False while the database takes no records.</summary>
    public bool DatabaseAnswers => !_watch.IsDown;

    /// <summary>Since the oldest of the <see cref="Pending"/> was taken up; the others gather behind it.</summary>
    public TimeSpan OldestAge => Interlocked.Read(ref _groupSince) is var since and not 0 ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <inheritdoc/>
    public ValueTask<BookingResult> BookAsync(UsageRecord record) => WithinTimeoutAsync(PostAsync(record));

    /// <inheritdoc/>
    public Task<Booking> PostAsync(UsageRecord record)
    {
        var entry = new PendingRecord(record);
        Interlocked.Increment(ref _pending);
        if (!_queue.Writer.TryWrite(entry))
        {
            Log.TooLate(_logger, record.RequestId);
            entry.Booking.SetResult(new Booking(BookingResult.Pending, Money.Zero, Money.Zero, 0, AtBooking: false));
        }

        return entry.Booking.Task;
    }

    /// <inheritdoc/>
    public async ValueTask<BookingResult> WithinTimeoutAsync(Task<Booking> posted)
    {
        await ((Task)posted.WaitAsync(_options.SettleTimeout, _time)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return posted.IsCompletedSuccessfully ? (await posted).Result : BookingResult.Pending;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _drain = Task.Run(DrainAsync, CancellationToken.None);
        _probe = Task.Run(() => _watch.ProbeAsync(() => Pending == 0, _stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more records, and waits until those that it has are durable or the host's patience is over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await using (cancellationToken.UnsafeRegister(static books => ((Books)books!)._givingUp.Cancel(), this))
        {
            await _drain;
            await _probe;
        }

        if (Pending > 0)
        {
            Log.GivenUp(_logger, Pending);
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _givingUp.Dispose();
    }

    private async Task DrainAsync()
    {
        var group = new List<PendingRecord>(MaxGroup);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(_givingUp.Token))
            {
                group.Clear();
                while (group.Count < MaxGroup && _queue.Reader.TryRead(out var entry))
                {
                    group.Add(entry);
                }

                Interlocked.Exchange(ref _groupSince, _time.GetTimestamp());
                await BookToTheEndAsync(group);
                Interlocked.Exchange(ref _groupSince, 0);
            }
        }
        catch (Exception) when (_givingUp.IsCancellationRequested)
        {
            // StopAsync says how many records are left.
        }
    }

    /// <summary>Keeps the books running whatever happens: what of a group has not come to its end is tried again.</summary>
    private async Task BookToTheEndAsync(List<PendingRecord> group)
    {
        for (var rest = group; rest.Count > 0; rest = rest.FindAll(static entry => !entry.Booking.Task.IsCompleted))
        {
            try
            {
                await BookAsync(rest);
            }
            catch (Exception exception) when (!_givingUp.IsCancellationRequested)
            {
                Log.Broken(_logger, exception, rest.Count);
                await Task.Delay(AfterAMistake, _time, _givingUp.Token);
            }
        }
    }

    /// <summary>Brings a group to its end; a group that the database refuses is halved until what it refuses stands alone.</summary>
    private async Task BookAsync(List<PendingRecord> group)
    {
        var refusal = await _watch.InsistAsync(() => PostAsync(group), _givingUp.Token);
        if (refusal is not null && group.Count > 1)
        {
            var half = group.Count / 2;
            await BookAsync(group.GetRange(0, half));
            await BookAsync(group.GetRange(half, group.Count - half));
            return;
        }

        foreach (var entry in group)
        {
            if ((refusal ?? entry.Problem) is { } reason)
            {
                await RejectAsync(entry, reason);
            }
        }
    }

    /// <summary>Books what can be booked of a group in one transaction; the rest has a <see cref="PendingRecord.Problem"/> afterwards.</summary>
    private async Task PostAsync(List<PendingRecord> group)
    {
        group.ForEach(RefuseExpired);
        var sound = group.FindAll(static entry => entry.Problem is null);
        sound.ForEach(static entry => entry.Tries++);
        var outcomes = sound.Count == 0 ? [] : await TransactAsync([.. sound.Select(entry => entry.Record)]);
        for (var i = 0; i < sound.Count; i++)
        {
            switch (outcomes[i].Outcome)
            {
                case PostingOutcome.UnknownAccount:
                    sound[i].Problem = "The account does not exist.";
                    break;
                case PostingOutcome.Lost:
                    Log.Lost(_logger, sound[i].Record.RequestId);
                    End(sound[i], outcomes[i].As(BookingResult.Lost));
                    break;
                default:
                    End(sound[i], outcomes[i].As(BookingResult.Booked));
                    break;
            }
        }
    }

    /// <summary>An old copy of the hot store brings old calls back; whether one of a cleared month was booked nobody knows any more.</summary>
    private void RefuseExpired(PendingRecord entry)
    {
        var before = _horizon.Before;
        if (entry.Record.StartedAt < before)
        {
            entry.Problem ??= $"The call started before {before:yyyy-MM-dd}. The records of that time are cleared (Usage:Retention), so it may be booked already.";
        }
    }

    private async Task<List<Posting>> TransactAsync(List<UsageRecord> records)
    {
        Postings postings;
        var startedAt = _metrics.Start();
        await using (var transaction = await _store.BeginAsync(records, _givingUp.Token))
        {
            postings = Postings.Make(records, transaction.State, _timeZone, _time.GetUtcNow());
            if (postings.Records.Count == 0)
            {
                return postings.Outcomes;
            }

            await transaction.CommitAsync(postings, _givingUp.Token);
        }

        _metrics.Committed(startedAt);

        foreach (var account in postings.Accounts)
        {
            foreach (var observer in _observers)
            {
                observer.OnBalance(account.AccountId, new Money(account.Balance), account.Version);
            }
        }

        return postings.Outcomes;
    }

    private async Task RejectAsync(PendingRecord entry, string reason)
    {
        var rejected = new RejectedRecord(entry.Record, reason, _time.GetUtcNow());
        if (await _watch.InsistAsync(() => _store.RejectAsync(rejected, _givingUp.Token), _givingUp.Token) is { } refusal)
        {
            // The log is the last place that has it: it holds no text of the call, only counts, prices and names.
            Log.NotEvenPutAside(_logger, entry.Record.RequestId, entry.Record.AccountId, refusal, rejected.Payload);
        }

        Log.Rejected(_logger, entry.Record.RequestId, entry.Record.AccountId, reason);
        End(entry, new Booking(BookingResult.Rejected, Money.Zero, Money.Zero, 0, AtBooking: false));
    }

    private void End(PendingRecord entry, in Booking booking)
    {
        if (entry.Booking.Task.IsCompleted)
        {
            return;
        }

        Interlocked.Decrement(ref _pending);
        _metrics.Ended(booking, entry.Record.Cost, booking.AtBooking || entry.Tries > 1);
        entry.Booking.SetResult(booking);
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "UsageRecordLost", Level = LogLevel.Warning, Message = "Another record of the call {RequestId} was booked first.")]
        public static partial void Lost(ILogger logger, Guid requestId);

        [LoggerMessage(EventName = "UsageRecordRejected", Level = LogLevel.Error, Message = "The record of the call {RequestId} of account {AccountId} cannot be booked and was put aside in rejected_events: {Reason}")]
        public static partial void Rejected(ILogger logger, Guid requestId, Guid accountId, string reason);

        [LoggerMessage(EventName = "UsageRecordNotKept", Level = LogLevel.Critical, Message = "The record of the call {RequestId} of account {AccountId} could not even be put aside: {Reason}. It is {Record}")]
        public static partial void NotEvenPutAside(ILogger logger, Guid requestId, Guid accountId, string reason, string record);

        [LoggerMessage(EventName = "BooksBroken", Level = LogLevel.Critical, Message = "A mistake in the books: {Pending} records are tried again.")]
        public static partial void Broken(ILogger logger, Exception exception, int pending);

        [LoggerMessage(EventName = "BooksGivenUp", Level = LogLevel.Critical, Message = "The gateway stops although {Pending} records are not in the database.")]
        public static partial void GivenUp(ILogger logger, int pending);

        [LoggerMessage(EventName = "UsageRecordTooLate", Level = LogLevel.Critical, Message = "The record of the call {RequestId} came after the books were closed.")]
        public static partial void TooLate(ILogger logger, Guid requestId);
    }
}
