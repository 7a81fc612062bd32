using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Tests.Usage;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Usage;

public sealed class PostgresOutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private PostgresServer _server = null!;
    private PostgresStorage _storage = null!;

    private BooksBench Bench => _storage.Bench;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartNewAsync();
        await _server.CreateDatabaseAsync("gateway");
        _storage = new PostgresStorage(_server.ConnectionString("gateway"));
        await _storage.MigrateAsync();
    }

    public async Task DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Book_ServerStoppedAndStarted_BooksWhatWaitedExactlyOnce()
    {
        var account = await Bench.NewAccountAsync(1_000_000);
        using var books = Bench.NewBooks(options: new BooksOptions { SettleTimeout = TimeSpan.FromMilliseconds(200) });
        await books.StartAsync(CancellationToken.None);
        (await books.PostAsync(BooksBench.Record(account, 1))).Result.Should().Be(BookingResult.Booked);

        await _server.StopAsync();
        var waiting = Enumerable.Range(0, 700).Select(_ => BooksBench.Record(account, 1)).ToArray();
        (await Task.WhenAll(waiting.Select(record => books.BookAsync(record).AsTask()))).Should().AllBeEquivalentTo(BookingResult.Pending);
        books.AcceptsCalls.Should().BeFalse();
        books.Pending.Should().Be(700);

        await _server.StartAsync();
        await Eventually.TrueAsync(() => books.Pending == 0, "what waited is booked", Patience);
        books.AcceptsCalls.Should().BeTrue();
        foreach (var record in waiting)
        {
            (await books.PostAsync(record)).Result.Should().Be(BookingResult.Booked);
        }

        _storage.DataSource.Clear();
        (await Bench.RecordsAsync(account)).Should().HaveCount(701);
        await Bench.ShouldAddUpAsync(account);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_ServerCrashesAgainAndAgainUnderLoad_AddsUp()
    {
        var accounts = await Task.WhenAll(Bench.NewAccountAsync(500), Bench.NewAccountAsync(1_000_000));
        using var books = Bench.NewBooks();
        using var others = Bench.NewBooks();
        await books.StartAsync(CancellationToken.None);
        await others.StartAsync(CancellationToken.None);
        var bookings = new List<Task<BookingResult>>();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 200; i++)
            {
                var record = BooksBench.Record(accounts[i % 2], 3);
                bookings.Add(books.BookAsync(record).AsTask());
                bookings.Add(others.BookAsync(record).AsTask());
            }

            await Task.WhenAny(bookings[^20..]);
            await _server.StopAsync();
            await _server.StartAsync();
        }

        (await Task.WhenAll(bookings).WaitAsync(Patience)).Should().AllBeEquivalentTo(BookingResult.Booked);
        _storage.DataSource.Clear();
        foreach (var account in accounts)
        {
            (await Bench.RecordsAsync(account)).Should().HaveCount(300);
            await Bench.ShouldAddUpAsync(account);
        }

        await books.StopAsync(CancellationToken.None);
        await others.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task AcceptsCalls_ServerStoppedWhileNothingIsBooked_IsNoticedAndForgotten()
    {
        using var books = Bench.NewBooks();
        await books.StartAsync(CancellationToken.None);

        await _server.StopAsync();
        await Eventually.TrueAsync(() => !books.AcceptsCalls, "the loss is noticed", Patience);
        await _server.StartAsync();
        await Eventually.TrueAsync(() => books.AcceptsCalls, "calls are accepted again", Patience);

        // Nor do others stumble over connections from before.
        await Bench.NewAccountAsync(1);
        await books.StopAsync(CancellationToken.None);
    }
}
