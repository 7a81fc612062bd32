using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>What becomes of calls whose owner fell silent, on each kind of store.</summary>
public abstract class SweepTests(HotStoreServer server)
{
    private static readonly TimeSpan Lease = new QuotasOptions().Lease;
    private static readonly TimeSpan Sweep = new QuotasOptions().Sweep;

    [Fact]
    public async Task Sweep_SilentCall_IsAbandonedBookedAndAcknowledgedWithinAMinute()
    {
        var (account, sweeper, books) = await SweptAsync();
        var ticket = await account.HoldAsync(60);
        await account.Client.Calls.ExtendAsync(ticket, new Money(7), TestAccount.Record("so far"));
        await PassAsync(account, sweeper, Lease + (2 * Sweep));
        books.Booked.Should().ContainSingle();
        var call = books.Booked[0];
        (call.RequestId, call.State, call.Cost.Nanos, Encoding.UTF8.GetString(call.Record.Span))
            .Should().Be((ticket.RequestId, StoredCallState.Abandoned, 7, "so far"));
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Base = new Money(993), Held = Money.Zero, Calls = 0L, Running = 0L });
    }

    /// <summary>More than a claim lists, and all in one shard: one round has to do, or a large gateway's death takes minutes to settle.</summary>
    [Fact]
    public async Task Sweep_HundredsOfSilentCallsOfOneAccount_AreAllSettledByOneRound()
    {
        var (account, sweeper, books) = await SweptAsync();
        await Task.WhenAll(Enumerable.Range(0, 450).Select(_ => account.HoldAsync(1)));
        await Task.WhenAll(Enumerable.Range(0, 450).Select(_ => account.Client.Calls.ReleaseAsync(new CallTicket(account.Request(1))).AsTask()));
        await PassAsync(account, sweeper, Lease - Sweep);
        books.Booked.Should().BeEmpty();

        account.Client.Pass(2 * Sweep);
        await sweeper.SweepAsync(default);

        books.Booked.Should().HaveCount(450);
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Base = new Money(1000), Held = Money.Zero, Calls = 0L, Running = 0L });
        (await Database.SortedSetLengthAsync(AccountShard.KeysOf(account.Shard)[2])).Should().Be(1, "marks are forgotten too");
    }

    /// <summary>Calls that nobody can handle stay due; a round that came back for them would never end.</summary>
    [Fact]
    public async Task Sweep_HundredsOfCallsThatCannotBeRead_EndsAndBooksTheOthers()
    {
        var (account, sweeper, books) = await SweptAsync();
        var unreadable = await Task.WhenAll(Enumerable.Range(0, 250).Select(_ => account.HoldAsync(1)));
        await PassAsync(account, sweeper, Sweep);
        var readable = await account.HoldAsync(1);
        foreach (var ticket in unreadable)
        {
            await Database.HashSetAsync(ticket.Keys[1], ticket.Id, "1|H|of another kind\n");
        }

        await PassAsync(account, sweeper, Lease + (2 * Sweep));

        books.Booked.Should().BeEmpty("as many as are listed at once are in front of it");
        await Database.HashDeleteAsync(AccountShard.KeysOf(account.Shard)[1], [.. unreadable.Select(ticket => ticket.Id)]);
        await PassAsync(account, sweeper, Sweep);
        books.Booked.Should().ContainSingle(call => call.RequestId == readable.RequestId);
    }

    /// <summary>As a server does that takes over with a clock of its own, or one whose clock is put right.</summary>
    [Fact]
    public async Task Sweep_AfterTheClockWentBackByAnHour_SettlesSilentCallsAsSoonAsEver()
    {
        var (account, sweeper, books) = await SweptAsync();
        await account.HoldAsync(60);
        await account.SettleAsync(await account.HoldAsync(60), 25);
        account.Client.Pass(TimeSpan.FromHours(-1));
        await PassAsync(account, sweeper, Lease + (2 * Sweep));
        books.Booked.Should().HaveCount(2);
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Base = new Money(975), Held = Money.Zero, Pending = Money.Zero, Calls = 0L });
        (await Database.SortedSetLengthAsync(AccountShard.KeysOf(account.Shard)[2])).Should().Be(1, "what keeps the set in being is not due");
    }

    [Fact]
    public async Task Sweep_CallThatIsExtended_IsLeftAlone()
    {
        var (account, sweeper, books) = await SweptAsync();
        var ticket = await account.HoldAsync(60);
        for (var i = 0; i < 10; i++)
        {
            await PassAsync(account, sweeper, Lease / 3);
            (await account.Client.Calls.ExtendAsync(ticket, Money.Zero, default)).Should().Be(CallAnswer.Ok);
        }

        books.Booked.Should().BeEmpty();
    }

    [Fact]
    public async Task Sweep_SettledCallThatNobodyBooked_IsBookedByItsRecord()
    {
        var (account, sweeper, books) = await SweptAsync();
        await account.SettleAsync(await account.HoldAsync(60), 25, record: "final");
        await PassAsync(account, sweeper, CallStore.BookingGrace + Sweep);
        books.Booked.Should().ContainSingle(c => c.State == StoredCallState.Settled && c.Cost == new Money(25));
        (await account.ViewAsync()).Should().BeEquivalentTo(new { Base = new Money(975), Pending = Money.Zero });
    }

    [Fact]
    public async Task Sweep_CallThatCannotBeBooked_KeepsNoOtherFromBeingBooked()
    {
        var (account, sweeper, books) = await SweptAsync();
        var first = await account.HoldAsync(10);
        var second = await account.HoldAsync(20);
        await account.SettleAsync(first, 1);
        await account.SettleAsync(second, 2);
        books.Refused = first.RequestId;
        await PassAsync(account, sweeper, CallStore.BookingGrace + Sweep);
        books.Booked.Select(c => c.RequestId).Should().Equal(second.RequestId);
        (await account.ViewAsync()).Pending.Should().Be(new Money(1));
    }

    [Fact]
    public async Task Sweep_AfterNobodySweptForLong_GivesWhatRunsOneMoreLeaseAndBooksWhatHasEnded()
    {
        var (account, sweeper, books) = await SweptAsync();
        var running = await account.HoldAsync(60);
        var settled = await account.HoldAsync(60);
        await account.SettleAsync(settled, 25);
        account.Client.Pass(10 * Lease);
        await sweeper.SweepAsync(default);
        books.Booked.Should().BeEmpty();
        await PassAsync(account, sweeper, Sweep);
        books.Booked.Select(call => call.RequestId).Should().Equal(settled.RequestId);
        await PassAsync(account, sweeper, Lease - (2 * Sweep));
        books.Booked.Should().HaveCount(1);
        await PassAsync(account, sweeper, 2 * Sweep);
        books.Booked.Select(call => call.RequestId).Should().Equal(settled.RequestId, running.RequestId);
    }

    [Fact]
    public async Task Extend_OfAnAbandonedCall_SaysSoAndMoneyStaysHeldUntilBooked()
    {
        var (account, sweeper, books) = await SweptAsync();
        var ticket = await account.HoldAsync(60);
        books.IsDown = true;
        await PassAsync(account, sweeper, Lease + (2 * Sweep));
        (await account.Client.Calls.ExtendAsync(ticket, Money.Zero, default)).Should().Be(CallAnswer.Abandoned);
        (await account.Client.Calls.SettleAsync(ticket, Money.Zero, 0, default)).Answer.Should().Be(CallAnswer.Abandoned);
        (await account.Client.Calls.RaiseAsync(ticket, Money.Zero)).Answer.Should().Be(CallAnswer.Abandoned);
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Held = new Money(60), Running = 0L });
        books.IsDown = false;
        await PassAsync(account, sweeper, CallStore.BookingGrace + Sweep);
        (await account.ViewAsync()).Held.Should().Be(Money.Zero);
    }

    [Fact]
    public async Task Sweep_ConcurrencySlotOfADeadCall_IsFree()
    {
        var (account, sweeper, books) = await SweptAsync(a => a.KeyLimits = new CallLimits { MaxConcurrent = 1 });
        await account.HoldAsync(60);
        books.IsDown = true;
        await PassAsync(account, sweeper, Lease + (2 * Sweep));
        await account.HoldAsync(60);
    }

    [Fact]
    public async Task Abandon_CallThatWasExtendedMeanwhile_DoesNothing()
    {
        var (account, _, _) = await SweptAsync();
        var ticket = await account.HoldAsync(60);
        var listed = (await account.Client.Shards.ListAsync())!.Single();
        (await account.Client.Shards.AbandonAsync(listed)).Should().BeNull();
        (await account.Client.Calls.ExtendAsync(ticket, Money.Zero, default)).Should().Be(CallAnswer.Ok);
    }

    [Fact]
    public async Task Sweep_MarksOfReleasedCalls_AreForgotten()
    {
        var (account, sweeper, books) = await SweptAsync();
        await account.Client.Calls.ReleaseAsync(new CallTicket(account.Request(60)));
        (await Database.HashLengthAsync(AccountShard.KeysOf(account.Shard)[1])).Should().Be(2);
        await PassAsync(account, sweeper, Lease + (2 * Sweep));
        (await Database.HashLengthAsync(AccountShard.KeysOf(account.Shard)[1])).Should().Be(1);
        (await Database.SortedSetLengthAsync(AccountShard.KeysOf(account.Shard)[2])).Should().Be(1);
        books.Booked.Should().BeEmpty();
    }

    [Fact]
    public async Task Sweep_TwoReplicasAtOnce_BookOnce()
    {
        var (account, sweeper, books) = await SweptAsync();
        for (var i = 0; i < 20; i++)
        {
            await account.HoldAsync(10);
        }

        for (var t = TimeSpan.Zero; t < Lease + (2 * Sweep); t += Sweep)
        {
            account.Client.Pass(Sweep);
            await Task.WhenAll(sweeper.SweepAsync(default), sweeper.SweepAsync(default));
        }

        books.Booked.Select(c => c.RequestId).Distinct().Should().HaveCount(20);
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Base = new Money(1000), Held = Money.Zero, Calls = 0L });
    }

    [Fact]
    public async Task Sweep_DebitWhoseOwnerDied_IsHandedToTheBooks()
    {
        var (account, sweeper, books) = await SweptAsync();
        await account.Client.Accounts.DebitAsync(Guid.CreateVersion7(), account.Id, new Money(70), TestAccount.Record("entry"));
        await PassAsync(account, sweeper, Lease + (2 * Sweep));
        books.Booked.Should().ContainSingle(c => c.IsDebit && c.Hold == new Money(70));
        (await account.ViewAsync()).Held.Should().Be(Money.Zero);
    }

    /// <summary>After a failover to a copy that had fallen behind, calls are there again that ended long ago.</summary>
    [Fact]
    public async Task Sweep_SilentCallThatHasItsRecord_IsNotCountedAsAbandoned()
    {
        var (account, _, books) = await SweptAsync();
        var status = new HotStoreStatus(HotStoreServer.Options);
        var sweeper = new Sweeper(account.Client.Shards, account.Client.Calls, books, status, NullLogger<Sweeper>.Instance);
        var ended = await account.HoldAsync(10);
        books.Booked.AddRange((await account.Client.Shards.ListAsync())!);

        await PassAsync(account, sweeper, Lease + (2 * Sweep));
        (await account.Client.Shards.FindAsync(ended.RequestId)).Answer.Should().Be(CallAnswer.Missing);
        status.Abandoned.Should().Be(0);

        await account.HoldAsync(10);
        await PassAsync(account, sweeper, Lease + (2 * Sweep));
        status.Abandoned.Should().Be(1);
    }

    [Fact]
    public async Task Status_AfterASweep_CountsTheCalls()
    {
        var options = Microsoft.Extensions.Options.Options.Create(new QuotasOptions { MaxPending = 3 });
        var (account, _, books) = await SweptAsync();
        var status = new HotStoreStatus(options);
        status.See(new HotStoreProbe(true, HotStoreKind.Volatile, "", 0));
        var sweeper = new Sweeper(account.Client.Shards, account.Client.Calls, books, status, NullLogger<Sweeper>.Instance);
        await account.HoldAsync(1);
        await account.HoldAsync(1);
        await sweeper.SweepAsync(default);
        (status.Calls, status.Closure).Should().Be((2, HotStoreClosure.None));
        await account.HoldAsync(1);
        await sweeper.SweepAsync(default);
        status.Closure.Should().Be(HotStoreClosure.Pending);
    }

    private StackExchange.Redis.IDatabase Database => server.Connection.Database;

    private static async Task PassAsync(TestAccount account, Sweeper sweeper, TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Sweep)
        {
            account.Client.Pass(Sweep);
            await sweeper.SweepAsync(default);
        }
    }

    private async Task<(TestAccount Account, Sweeper Sweeper, MemoryBooks Books)> SweptAsync(Action<TestAccount>? configure = null)
    {
        var client = await server.EmptyAsync();
        var account = new TestAccount(client);
        configure?.Invoke(account);
        await account.InstallAsync(1000);
        var books = new MemoryBooks(1000);
        var sweeper = new Sweeper(client.Shards, client.Calls, books, new HotStoreStatus(HotStoreServer.Options), NullLogger<Sweeper>.Instance);
        await sweeper.SweepAsync(default);
        return (account, sweeper, books);
    }

    /// <summary>The books of one account, kept in memory.</summary>
    private sealed class MemoryBooks(long balance) : ISweepBooks
    {
        private readonly Lock _gate = new();
        private long _balance = balance;
        private long _version = 1;

        public List<StoredCall> Booked { get; } = [];

        public bool IsDown { get; set; }

        /// <summary>A call that cannot be booked.</summary>
        public Guid Refused { get; set; }

        public Task<SweepAnswer[]> BookAsync(IReadOnlyList<StoredCall> calls, CancellationToken cancellationToken) =>
            Task.FromResult(calls.Select(Book).ToArray());

        private SweepAnswer Book(StoredCall call)
        {
            if (IsDown || call.RequestId == Refused)
            {
                return IsDown ? SweepAnswer.Down : SweepAnswer.Refused;
            }

            lock (_gate)
            {
                var first = Booked.Find(c => c.RequestId == call.RequestId);
                var isNew = first is null;
                if (first is null)
                {
                    Booked.Add(first = call);
                    _balance -= call.Cost.Nanos;
                    _version++;
                }

                return SweepAnswer.Booked(new SweptBooking(new Money(_balance), _version, first.Cost, isNew));
            }
        }
    }
}

public sealed class SweepOnRedisTests(RedisHotStore server) : SweepTests(server), IClassFixture<RedisHotStore>;

public sealed class SweepOnGarnetTests(GarnetHotStore server) : SweepTests(server), IClassFixture<GarnetHotStore>;
