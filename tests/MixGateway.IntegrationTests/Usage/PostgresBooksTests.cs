using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Tests.Usage;
using MixGateway.Usage;
using Npgsql;

namespace MixGateway.IntegrationTests.Usage;

public sealed class PostgresBooksTests : BooksContract, IAsyncLifetime
{
    private PostgresStorage _storage = null!;

    private protected override BooksBench Bench => _storage.Bench;

    public async Task InitializeAsync() => _storage = new PostgresStorage(await PostgresDatabase.CreateAsync());

    public async Task DisposeAsync() => await _storage.DisposeAsync();

    [Fact]
    public async Task Book_NameTooLongForAnIndex_IsPutAsideAndTheOthersAreBooked()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = Bench.NewBooks();
        var random = new Random(1);
        var name = string.Concat(Enumerable.Range(0, 20_000).Select(_ => (char)random.Next('!', '~')));
        var bookings = new[] { BooksBench.Record(account, 1), BooksBench.Record(account, 2) with { Model = name }, BooksBench.Record(account, 4) }
            .Select(record => books.BookAsync(record).AsTask()).ToArray();
        await books.StartAsync(CancellationToken.None);

        (await Task.WhenAll(bookings)).Should().Equal(BookingResult.Booked, BookingResult.Rejected, BookingResult.Booked);
        await Bench.ShouldAddUpAsync(account);
        await books.StopAsync(CancellationToken.None);
    }

    /// <summary>A process that is stopped in its transaction, or whose host is gone, says nothing to the server.</summary>
    [Fact]
    public async Task Book_AccountLockedByAGatewayThatStandsStill_IsBookedAfterAWhile()
    {
        var account = await Bench.NewAccountAsync(1000);
        await using var standingStill = await new PostgresBookStore(_storage.DataSource).BeginAsync([BooksBench.Record(account, 1)], CancellationToken.None);
        using var books = await Bench.StartBooksAsync();

        (await books.BookAsync(BooksBench.Record(account, 2))).Should().Be(BookingResult.Booked);

        await Bench.ShouldAddUpAsync(account);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_ServerThatDoesNotWaitForTheDisk_IsToldToWait()
    {
        var account = await Bench.NewAccountAsync(1000);
        await using var listener = await _storage.DataSource.OpenConnectionAsync();
        await using var watch = new NpgsqlCommand(
            """
            CREATE FUNCTION note_durability() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO rejected_events VALUES (NEW.request_id, now(), '{}', current_setting('synchronous_commit'));
                RETURN NEW;
            END $$;
            CREATE TRIGGER note BEFORE INSERT ON usage_records FOR EACH ROW EXECUTE FUNCTION note_durability();
            """,
            listener);
        await watch.ExecuteNonQueryAsync();
        using var books = await Bench.StartBooksAsync();

        await books.BookAsync(BooksBench.Record(account, 1));

        (await Bench.RejectedAsync()).Should().ContainSingle().Which.Reason.Should().Be("on");
        await books.StopAsync(CancellationToken.None);
    }
}
