using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Tests.Storage;
using MixGateway.Usage;
using MixGateway.Usage.Retention;
using Npgsql;

namespace MixGateway.Tests.Usage;

public sealed class BooksTests : IAsyncLifetime
{
    private readonly Guid _account = Guid.CreateVersion7();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeBookStore _store = new();
    private readonly Books _books;

    public BooksTests() => _books = new Books(
        _store,
        [],
        Options.Create(new BooksOptions { MaxPending = 3 }),
        Options.Create(new BillingOptions()),
        new UsageHorizon(),
        BooksBench.NewMetrics(),
        _time,
        NullLogger<Books>.Instance);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        using var over = new CancellationTokenSource();
        await over.CancelAsync();
        await _books.StopAsync(over.Token);
        _books.Dispose();
    }

    [Fact]
    public async Task Book_NotDurableInTime_IsPendingAndStillBooked()
    {
        _store.Hold();
        await _books.StartAsync(CancellationToken.None);
        var booking = Book();
        await UntilAsync(() => _store.Groups.Count == 1);

        _time.Advance(TimeSpan.FromSeconds(4.9));
        booking.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.2));
        (await booking).Should().Be(BookingResult.Pending);

        _store.Release();
        await UntilAsync(() => _store.Booked == 1 && _books.Pending == 0);
    }

    [Fact]
    public async Task Book_WhileATransactionRuns_GathersTheNextGroup()
    {
        _store.Hold();
        await _books.StartAsync(CancellationToken.None);
        var first = Book();
        await UntilAsync(() => _store.Groups.Count == 1);
        var others = Enumerable.Range(0, 40).Select(_ => Book()).ToArray();

        _store.Release();

        (await first).Should().Be(BookingResult.Booked);
        (await Task.WhenAll(others)).Should().AllBeEquivalentTo(BookingResult.Booked);
        _store.Groups.Should().Equal(1, 40);
    }

    [Fact]
    public async Task Book_MoreThanAGroupHolds_TakesSeveral()
    {
        var bookings = Enumerable.Range(0, 1100).Select(_ => Book()).ToArray();
        await _books.StartAsync(CancellationToken.None);
        (await Task.WhenAll(bookings)).Should().AllBeEquivalentTo(BookingResult.Booked);
        _store.Groups.Should().Equal(500, 500, 100);
    }

    [Fact]
    public async Task AcceptsCalls_TooManyPending_IsFalseUntilTheyAreBooked()
    {
        _books.AcceptsCalls.Should().BeTrue();
        var bookings = new[] { Book(), Book() };
        _books.AcceptsCalls.Should().BeTrue();
        bookings = [.. bookings, Book()];
        _books.AcceptsCalls.Should().BeFalse();

        await _books.StartAsync(CancellationToken.None);
        await Task.WhenAll(bookings);

        _books.AcceptsCalls.Should().BeTrue();
    }

    [Fact]
    public async Task AcceptsCalls_DatabaseDown_IsFalseUntilARetrySucceeds()
    {
        _store.Down = true;
        await _books.StartAsync(CancellationToken.None);
        var booking = Book();
        await UntilAsync(() => !_books.AcceptsCalls);

        _store.Down = false;
        await AdvanceUntilAsync(() => _books.AcceptsCalls);

        (await booking).Should().Be(BookingResult.Booked);
    }

    [Fact]
    public async Task AcceptsCalls_DatabaseDownWhileIdle_IsNoticedByTheProbe()
    {
        await _books.StartAsync(CancellationToken.None);
        _store.Down = true;
        await AdvanceUntilAsync(() => !_books.AcceptsCalls);
        _store.Down = false;
        await AdvanceUntilAsync(() => _books.AcceptsCalls);
    }

    [Fact]
    public async Task Retry_DatabaseStaysDown_BacksOffToASecond()
    {
        _store.Down = true;
        await _books.StartAsync(CancellationToken.None);
        var booking = Book();
        await AdvanceUntilAsync(() => _store.Attempts >= 12);

        var attempts = _store.Attempts;
        _time.Advance(TimeSpan.FromMilliseconds(900));
        _store.Attempts.Should().Be(attempts);
        await AdvanceUntilAsync(() => _store.Attempts > attempts);
        (await booking).Should().Be(BookingResult.Pending);
    }

    [Fact]
    public async Task Book_RecordThatBreaksTheProgram_IsPutAsideAndTheRestGoesOn()
    {
        var records = Enumerable.Range(0, 50).Select(_ => BooksBench.Record(_account, 1)).ToList();
        var poison = records[17];
        _store.Poison = record => record == poison ? new InvalidOperationException("a bug", new FormatException("in it")) : null;
        var bookings = records.Select(record => _books.PostAsync(record)).ToList();
        await _books.StartAsync(CancellationToken.None);

        await AdvanceUntilAsync(() => bookings.TrueForAll(static booking => booking.IsCompleted));

        bookings.Select(static booking => booking.Result.Result).Should().Equal(
            records.Select(record => record == poison ? BookingResult.Rejected : BookingResult.Booked));
        _store.Rejected.Should().ContainSingle().Which.Should().Match<RejectedRecord>(rejected => rejected.Record == poison && rejected.Reason == "in it");
        _books.AcceptsCalls.Should().BeTrue("the database answers");
        var later = Book();
        await AdvanceUntilAsync(() => later.IsCompleted);
        (await later).Should().Be(BookingResult.Booked);
    }

    [Theory]
    [InlineData("57P01")]
    [InlineData("42P01")]
    public async Task Book_OutageInsideOtherExceptions_IsWaitedFor(string state)
    {
        var isAway = true;
        _store.Poison = _ => Volatile.Read(ref isAway)
            ? new InvalidOperationException("transient", new DbUpdateException("saving", new PostgresException("not now", "FATAL", "FATAL", state)))
            : null;
        await _books.StartAsync(CancellationToken.None);
        var posted = _books.PostAsync(BooksBench.Record(_account, 1));
        await AdvanceUntilAsync(() => !_books.AcceptsCalls && _store.Groups.Count >= 6);
        _store.Groups.Should().OnlyContain(static size => size == 1);
        _store.Rejected.Should().BeEmpty();

        Volatile.Write(ref isAway, false);
        await AdvanceUntilAsync(() => posted.IsCompleted);

        (await posted).Result.Should().Be(BookingResult.Booked);
    }

    [Theory]
    [MemberData(nameof(Outages.OfDatabases), MemberType = typeof(Outages))]
    public async Task Book_Outage_LosesNothingThatWasTakenOutOfTheQueue(string outage)
    {
        var isAway = true;
        _store.Poison = _ => Volatile.Read(ref isAway) ? Outages.Make(outage) : null;
        await _books.StartAsync(CancellationToken.None);
        Task<Booking>[] posted = [_books.PostAsync(BooksBench.Record(_account, 1)), _books.PostAsync(BooksBench.Record(_account, 2))];
        await AdvanceUntilAsync(() => _store.Groups.Count >= 6);
        _store.Rejected.Should().BeEmpty();

        Volatile.Write(ref isAway, false);
        await AdvanceUntilAsync(() => Array.TrueForAll(posted, static one => one.IsCompleted));

        foreach (var one in posted)
        {
            (await one).Result.Should().Be(BookingResult.Booked);
        }
    }

    [Fact]
    public async Task Book_TornConnectionThatTheDriverTellsAsAMistake_IsTriedAgain()
    {
        var times = 0;
        _store.Poison = _ => times++ == 0 ? new InvalidOperationException("Connection is not open") : null;
        await _books.StartAsync(CancellationToken.None);

        (await Book()).Should().Be(BookingResult.Booked);

        _store.Rejected.Should().BeEmpty();
    }

    [Fact]
    public async Task Stop_RecordsWait_BooksThemFirst()
    {
        _store.Hold();
        await _books.StartAsync(CancellationToken.None);
        var bookings = new[] { Book(), Book() };

        var stop = _books.StopAsync(CancellationToken.None);
        stop.IsCompleted.Should().BeFalse();
        _store.Release();
        await stop;

        (await Task.WhenAll(bookings)).Should().AllBeEquivalentTo(BookingResult.Booked);
        _store.Booked.Should().Be(2);
    }

    [Fact]
    public async Task Stop_DatabaseDown_EndsWithTheHostsPatience()
    {
        _store.Down = true;
        await _books.StartAsync(CancellationToken.None);
        _ = Book();
        using var patience = new CancellationTokenSource();
        var stop = _books.StopAsync(patience.Token);
        await UntilAsync(() => _store.Attempts >= 2);
        stop.IsCompleted.Should().BeFalse();

        await patience.CancelAsync();

        await stop.WaitAsync(TimeSpan.FromSeconds(30));
        _books.Pending.Should().Be(1);
    }

    [Fact]
    public async Task Book_AfterStop_IsPendingAndNeverThrows()
    {
        await _books.StartAsync(CancellationToken.None);
        await _books.StopAsync(CancellationToken.None);
        (await Book()).Should().Be(BookingResult.Pending);
    }

    private static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Eventually.TrueAsync(condition, what, TimeSpan.FromSeconds(30));

    private Task<BookingResult> Book() => _books.BookAsync(BooksBench.Record(_account, 1)).AsTask();

    private Task AdvanceUntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") => UntilAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return condition();
        },
        what);
}
