using System.Collections.Concurrent;
using System.Text.Json;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

/// <summary>What the books promise on every database.</summary>
public abstract class BooksContract
{
    private static readonly DateTime Noon = BooksBench.Noon;

    private protected abstract BooksBench Bench { get; }

    [Fact]
    public async Task Book_NewRecord_IsWrittenWholeAndCharged()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = await Bench.StartBooksAsync();
        var record = BooksBench.Record(account, 300) with
        {
            FirstTokenMs = null,
            ErrorCode = "upstream_timeout",
            Status = CallStatus.Failed,
            AdmissionMs = 12,
            SettlementMs = 3,
            PurchaseCost = new Money(200),
        };

        (await books.BookAsync(record)).Should().Be(BookingResult.Booked);

        var row = (await Bench.RecordsAsync(account)).Should().ContainSingle().Subject;
        row.Should().BeEquivalentTo(UsageRecordRow.Of(record, new Money(300), BooksBench.Noon));
        row.StartedAt.Kind.Should().Be(DateTimeKind.Utc);
        var entry = (await Bench.LedgerAsync(account))[^1];
        entry.Should().BeEquivalentTo(new { Sequence = 2L, Kind = LedgerKind.Usage, Amount = -300L, BalanceAfter = 700L, RequestId = (Guid?)record.RequestId });
        (await Bench.AccountAsync(account)).Should().BeEquivalentTo(new { Balance = 700L, Version = 2L });
        (await Bench.DaysAsync(account)).Should().ContainSingle().Which.Should().BeEquivalentTo(
            UsageDailyRow.Of(new DateOnly(2026, 5, 17), UsageRecordRow.Of(record, new Money(300), BooksBench.Noon)));
        books.Pending.Should().Be(0);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_CallThatWaitsForTheDatabase_IsWrittenWithHowLongItWaited()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = await Bench.StartBooksAsync();
        var began = DateTime.UtcNow.AddMilliseconds(-700);
        var record = BooksBench.Record(account, 300) with { SettlesSince = began };

        await books.BookAsync(record);

        var most = (DateTime.UtcNow - began).TotalMilliseconds;
        (await Bench.RecordsAsync(account)).Single().SettlementMs.Should().BeInRange(700, (int)most);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_CallsOfKnownAndUnknownPurchaseCost_AreSummedApart()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = await Bench.StartBooksAsync();

        await books.BookAsync(BooksBench.Record(account, 300) with { PurchaseCost = new Money(180) });
        await books.BookAsync(BooksBench.Record(account, 50) with { PurchaseCost = new Money(70) });
        await books.BookAsync(BooksBench.Record(account, 100));

        (await Bench.DaysAsync(account)).Should().ContainSingle().Which.Should().BeEquivalentTo(new { Charged = 450L, PurchaseCost = 250L, PurchaseCharged = 350L });
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_SameRecordAgain_AnswersBookedAndChargesOnce()
    {
        var account = await Bench.NewAccountAsync(1000);
        var record = BooksBench.Record(account, 300);
        using var books = Bench.NewBooks();
        using var others = await Bench.StartBooksAsync();
        var together = new[] { books.BookAsync(record).AsTask(), books.BookAsync(record).AsTask() };
        await books.StartAsync(CancellationToken.None);

        (await Task.WhenAll(together)).Should().AllBeEquivalentTo(BookingResult.Booked);
        (await books.BookAsync(record)).Should().Be(BookingResult.Booked);
        (await others.BookAsync(record)).Should().Be(BookingResult.Booked);

        (await Bench.AccountAsync(account)).Balance.Should().Be(700);
        await Bench.ShouldAddUpAsync(account);
        await books.StopAsync(CancellationToken.None);
        await others.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_OtherRecordOfTheSameCall_IsLost()
    {
        var account = await Bench.NewAccountAsync(1000);
        var another = await Bench.NewAccountAsync(1000);
        using var books = await Bench.StartBooksAsync();
        var first = BooksBench.Record(account, 300);
        await books.BookAsync(first);

        (await books.BookAsync(first with { Status = CallStatus.Abandoned })).Should().Be(BookingResult.Lost);
        (await books.BookAsync(first with { Tokens = first.Tokens with { CachedTokens = 1 } })).Should().Be(BookingResult.Lost);
        (await books.BookAsync(first with { Cost = new Money(299) })).Should().Be(BookingResult.Lost);
        (await books.BookAsync(first with { AccountId = another })).Should().Be(BookingResult.Lost);
        (await books.BookAsync(first with { DurationMs = 1 })).Should().Be(BookingResult.Booked, "a retry may have measured differently");

        (await Bench.AccountAsync(account)).Balance.Should().Be(700);
        (await Bench.AccountAsync(another)).Balance.Should().Be(1000);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_SameCallForTwoAccountsInOneGroup_ChargesTheFirst()
    {
        var account = await Bench.NewAccountAsync(1000);
        var another = await Bench.NewAccountAsync(1000);
        using var books = Bench.NewBooks();
        var record = BooksBench.Record(account, 300);
        var first = books.BookAsync(record).AsTask();
        var second = books.BookAsync(record with { AccountId = another }).AsTask();
        await books.StartAsync(CancellationToken.None);

        (await first).Should().Be(BookingResult.Booked);
        (await second).Should().Be(BookingResult.Lost);
        await Bench.ShouldAddUpAsync(account);
        await Bench.ShouldAddUpAsync(another);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_CostAboveBalance_ChargesWhatIsLeftAndNeverMore()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = await Bench.StartBooksAsync();
        await books.BookAsync(BooksBench.Record(account, 900));
        await books.BookAsync(BooksBench.Record(account, 300));
        await books.BookAsync(BooksBench.Record(account, 300));
        await books.BookAsync(BooksBench.Record(account, 0));

        var records = await Bench.RecordsAsync(account);
        records.Select(record => record.Cost).Should().BeEquivalentTo([900L, 300L, 300L, 0L]);
        records.Select(record => record.Charged).Should().BeEquivalentTo([900L, 100L, 0L, 0L]);
        (await Bench.LedgerAsync(account)).Should().HaveCount(3, "what is not charged has no entry");
        (await Bench.AccountAsync(account)).Balance.Should().Be(0);
        await Bench.ShouldAddUpAsync(account);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_BalanceBelowZeroByForce_ChargesNothing()
    {
        var account = await Bench.NewAccountAsync(-50);
        using var books = await Bench.StartBooksAsync();

        (await books.BookAsync(BooksBench.Record(account, 300))).Should().Be(BookingResult.Booked);

        (await Bench.AccountAsync(account)).Balance.Should().Be(-50);
        (await Bench.RecordsAsync(account)).Single().Charged.Should().Be(0);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_UnknownAccount_IsPutAsideOnceAndTheOthersAreBooked()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = Bench.NewBooks();
        var stray = BooksBench.Record(Guid.CreateVersion7(), 10);
        var bookings = new[] { BooksBench.Record(account, 1), stray, BooksBench.Record(account, 2) }.Select(record => books.BookAsync(record).AsTask()).ToArray();
        await books.StartAsync(CancellationToken.None);

        (await Task.WhenAll(bookings)).Should().Equal(BookingResult.Booked, BookingResult.Rejected, BookingResult.Booked);
        (await books.BookAsync(stray)).Should().Be(BookingResult.Rejected);

        var rejected = (await Bench.RejectedAsync()).Should().ContainSingle(row => row.Id == stray.RequestId).Subject;
        rejected.Reason.Should().Contain("account");
        JsonDocument.Parse(rejected.Payload).RootElement.GetProperty("cost").GetString().Should().Be("0.00000001");
        (await Bench.AccountAsync(account)).Balance.Should().Be(997);
        await books.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xD800)]
    [InlineData(0xDC00)]
    public async Task Book_TextThatCannotBeStored_IsPutAside(int unit)
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = await Bench.StartBooksAsync();
        var record = BooksBench.Record(account, 1) with { Model = $"demo:a{(char)unit}b" };

        (await books.BookAsync(record)).Should().Be(BookingResult.Rejected);

        (await Bench.RejectedAsync()).Should().ContainSingle(row => row.Id == record.RequestId).Which.Reason.Should().Contain("Model");
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_StartThatIsNotTheIdsTime_IsPutAside()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = await Bench.StartBooksAsync();
        var record = BooksBench.Record(account, 1) with { StartedAt = Noon.AddTicks(1) };

        (await books.BookAsync(record)).Should().Be(BookingResult.Rejected);

        (await Bench.AccountAsync(account)).Balance.Should().Be(1000);
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_GroupWithRecordsTheDatabaseRefuses_LosesNoOther()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = Bench.NewBooks();
        var full = Guid.CreateVersion7();
        var opening = books.BookAsync(BooksBench.Record(account, long.MaxValue, key: full) with { Model = "demo:full" }).AsTask();
        await books.StartAsync(CancellationToken.None);
        (await opening).Should().Be(BookingResult.Booked);
        await books.StopAsync(CancellationToken.None);

        // One more nano on the key's day does not fit in 64 bits, which only the database can know.
        using var later = Bench.NewBooks();
        var records = Enumerable.Range(0, 60).Select(i => i is 7 or 8 or 41
            ? BooksBench.Record(account, 1, key: full) with { Model = "demo:full" }
            : BooksBench.Record(account, 0)).ToList();
        var bookings = records.Select(record => later.BookAsync(record).AsTask()).ToArray();
        await later.StartAsync(CancellationToken.None);

        var results = await Task.WhenAll(bookings);
        for (var i = 0; i < results.Length; i++)
        {
            results[i].Should().Be(i is 7 or 8 or 41 ? BookingResult.Rejected : BookingResult.Booked, "record {0}", i);
        }

        (await Bench.RecordsAsync(account)).Should().HaveCount(58);
        (await Bench.RejectedAsync()).Select(row => row.Id).Should().Contain([records[7].RequestId, records[8].RequestId, records[41].RequestId]);
        later.AcceptsCalls.Should().BeTrue();
        await later.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_DayInTheBillingTimeZone_IsTheDayOfTheStartThere()
    {
        var account = await Bench.NewAccountAsync(1000);
        using var books = await Bench.StartBooksAsync(timeZone: "Asia/Shanghai");
        await books.BookAsync(BooksBench.Record(account, 1, new DateTime(2026, 5, 17, 15, 59, 59, DateTimeKind.Utc)));
        await books.BookAsync(BooksBench.Record(account, 2, new DateTime(2026, 5, 17, 16, 0, 0, DateTimeKind.Utc)));
        await books.BookAsync(BooksBench.Record(account, 4, new DateTime(2026, 5, 17, 17, 0, 0, DateTimeKind.Utc)));

        (await Bench.DaysAsync(account)).Select(day => (day.Day, day.Requests, day.Cost)).Should().Equal(
            (new DateOnly(2026, 5, 17), 1L, 1L),
            (new DateOnly(2026, 5, 18), 2L, 6L));
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_Commit_TellsObserversTheBalanceThatIsCommitted()
    {
        var account = await Bench.NewAccountAsync(1000);
        var observer = new Observer();
        using var books = await Bench.StartBooksAsync(observer: observer);

        await books.BookAsync(BooksBench.Record(account, 300));

        observer.Seen.Should().Equal((account, new Money(700), 2L));
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Book_SeveralGatewaysRaceOverTheSameRecords_EachIsChargedOnce()
    {
        var accounts = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Bench.NewAccountAsync(20_000)));
        var records = Enumerable.Range(0, 300).Select(i => BooksBench.Record(accounts[i % accounts.Length], 100 + i)).ToArray();
        var gateways = new List<Books>();
        for (var i = 0; i < 3; i++)
        {
            gateways.Add(await Bench.StartBooksAsync());
        }

        var results = await Task.WhenAll(gateways.SelectMany((books, i) => Shuffled(records, i).Select(record => books.BookAsync(record).AsTask())));

        results.Should().AllBeEquivalentTo(BookingResult.Booked);
        foreach (var account in accounts)
        {
            (await Bench.RecordsAsync(account)).Should().HaveCount(60);
            await Bench.ShouldAddUpAsync(account);
        }

        await StopAsync(gateways);
    }

    [Fact]
    public async Task Book_RandomInterleavingsWithLostReplies_AddUp()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var accounts = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Bench.NewAccountAsync(i * 3000)));
        var gateways = new List<Books>();
        for (var i = 0; i < 3; i++)
        {
            gateways.Add(await Bench.StartBooksAsync(store => new FaultyStore(store, new Random(random.Next()))));
        }

        var calls = new List<(UsageRecord Record, Books Books)>();
        for (var i = 0; i < 250; i++)
        {
            var record = BooksBench.Record(accounts[random.Next(accounts.Length)], random.Next(0, 120), Noon.AddHours(random.Next(48)));
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                var offered = random.Next(4) == 0 ? record with { Status = CallStatus.Abandoned } : record;
                calls.Insert(random.Next(calls.Count + 1), (offered, gateways[random.Next(gateways.Count)]));
            }
        }

        var results = await Task.WhenAll(calls.Select(async call => (call.Record, Result: await call.Books.BookAsync(call.Record))));

        var rows = new Dictionary<Guid, UsageRecordRow>();
        foreach (var account in accounts)
        {
            await Bench.ShouldAddUpAsync(account);
            foreach (var row in await Bench.RecordsAsync(account))
            {
                rows.Add(row.RequestId, row);
            }
        }

        foreach (var (record, result) in results)
        {
            result.Should().Be(rows[record.RequestId].Status == record.Status ? BookingResult.Booked : BookingResult.Lost, "seed {0}", seed);
        }

        rows.Should().HaveCount(calls.Select(call => call.Record.RequestId).Distinct().Count(), "seed {0}", seed);
        await StopAsync(gateways);
    }

    private static async Task StopAsync(List<Books> gateways)
    {
        foreach (var books in gateways)
        {
            await books.StopAsync(CancellationToken.None);
            books.Dispose();
        }
    }

    private static UsageRecord[] Shuffled(UsageRecord[] records, int seed)
    {
        var shuffled = records.ToArray();
        new Random(seed).Shuffle(shuffled);
        return shuffled;
    }

    private sealed class Observer : IAccountObserver
    {
        public ConcurrentQueue<(Guid, Money, long)> Seen { get; } = [];

        public void OnBalance(Guid accountId, Money balance, long version) => Seen.Enqueue((accountId, balance, version));
    }

    /// <summary>Breaks one in five steps: before it is done, or after it was done and only the answer is lost.</summary>
    private sealed class FaultyStore(IBookStore store, Random random) : IBookStore
    {
        public async Task<IBookTransaction> BeginAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
        {
            Break();
            return new FaultyTransaction(this, await store.BeginAsync(records, cancellationToken));
        }

        public Task RejectAsync(RejectedRecord rejected, CancellationToken cancellationToken) => store.RejectAsync(rejected, cancellationToken);

        public Task ProbeAsync(CancellationToken cancellationToken) => store.ProbeAsync(cancellationToken);

        private void Break()
        {
            if (random.Next(5) == 0)
            {
                throw new IOException("The connection broke.");
            }
        }

        private sealed class FaultyTransaction(FaultyStore store, IBookTransaction transaction) : IBookTransaction
        {
            public BookState State => transaction.State;

            public async Task CommitAsync(Postings postings, CancellationToken cancellationToken)
            {
                store.Break();
                await transaction.CommitAsync(postings, cancellationToken);
                store.Break();
            }

            public ValueTask DisposeAsync() => transaction.DisposeAsync();
        }
    }
}
