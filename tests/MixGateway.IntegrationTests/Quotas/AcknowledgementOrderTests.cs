using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Replicas book in the order of the account's lock and tell the hot store in whatever order their messages arrive.</summary>
public abstract class AcknowledgementOrderTests(HotStoreServer server)
{
    [Fact]
    public async Task Ack_BeforeThoseOfEarlierBookings_CountsNothingTwice()
    {
        var account = await AccountAsync(100);
        var first = await SettledAsync(account, 30);
        var second = await SettledAsync(account, 20);

        await AckAsync(account, second, balance: 50, version: 3, charged: 20);
        (await SeenAsync(account)).Should().Be((80, 1, 30, 50), "what the first call costs is pending and in no balance yet");
        await AckAsync(account, second, balance: 50, version: 3, charged: 20);
        (await SeenAsync(account)).Should().Be((80, 1, 30, 50));
        await AckAsync(account, first, balance: 70, version: 2, charged: 30);
        (await SeenAsync(account)).Should().Be((50, 3, 0, 50));
    }

    [Fact]
    public async Task Install_BetweenBookingsOutOfTurn_TakesOverWhatItCountsAndKeepsTheRest()
    {
        var account = await AccountAsync(100);
        var first = await SettledAsync(account, 30);
        var second = await SettledAsync(account, 20);
        await AckAsync(account, second, balance: 1050, version: 4, charged: 20);

        // A credit of 1000 between the two: it was read before the second booking and after the first.
        await account.InstallAsync(1070, version: 3);
        (await SeenAsync(account)).Should().Be((1050, 4, 30, 1020), "the first booking counts twice until it is told, which is never too much");
        await AckAsync(account, first, balance: 70, version: 2, charged: 30);
        (await SeenAsync(account)).Should().Be((1050, 4, 0, 1050));
    }

    [Fact]
    public async Task Install_WithoutAChange_LeavesBookingsToTheirOwnAcknowledgements()
    {
        var account = await AccountAsync(100);
        var first = await SettledAsync(account, 30);
        var second = await SettledAsync(account, 20);

        // Both are booked, and neither was told when somebody read the account.
        await account.InstallAsync(50, version: 3, changed: 1);
        (await SeenAsync(account)).Should().Be((100, 1, 50, 50));
        await AckAsync(account, first, balance: 70, version: 2, charged: 30);
        await account.InstallAsync(50, version: 3, changed: 1);
        (await SeenAsync(account)).Should().Be((70, 2, 20, 50));
        await AckAsync(account, second, balance: 50, version: 3, charged: 20);
        (await SeenAsync(account)).Should().Be((50, 3, 0, 50));
    }

    [Fact]
    public async Task Install_WhereNothingIsInFlight_TakesOverWhatNobodyTold()
    {
        var account = await AccountAsync(100);
        await account.InstallAsync(40, version: 7, changed: 1);
        (await SeenAsync(account)).Should().Be((40, 7, 0, 40));
    }

    [Fact]
    public async Task Ack_WithABalanceThatWasReadLater_LeavesOutWhatIsNotedBeyondIt()
    {
        var account = await AccountAsync(100);
        var first = await SettledAsync(account, 30);
        var second = await SettledAsync(account, 20);
        var third = await SettledAsync(account, 10);
        await AckAsync(account, third, balance: 40, version: 4, charged: 10);

        // Somebody else found the first one booked.
        await account.Client.Calls.AckAsync(first, new Money(50), 3, new Money(30));
        (await SeenAsync(account)).Should().Be((40, 4, 20, 20));
        await AckAsync(account, second, balance: 50, version: 3, charged: 20);
        (await SeenAsync(account)).Should().Be((40, 4, 0, 40));
    }

    [Fact]
    public async Task Ack_AfterABookingThatNobodyTells_TakesOverTheBalanceInTheEnd()
    {
        var account = await AccountAsync(100);
        var second = await SettledAsync(account, 20);
        var third = await SettledAsync(account, 10);

        // The call with version 2 cost 30. Its gateway died, and the store had lost the call.
        await AckAsync(account, second, balance: 50, version: 3, charged: 20);
        (await SeenAsync(account)).Should().Be((80, 1, 10, 70));
        account.Client.Pass(TimeSpan.FromSeconds(6));
        await AckAsync(account, third, balance: 40, version: 4, charged: 10);
        (await SeenAsync(account)).Should().Be((40, 4, 0, 40));
    }

    [Fact]
    public async Task Acks_FarMoreThanAreNoted_NeverShowMoreThanThereIs()
    {
        const int Calls = 1200;
        var account = await AccountAsync(Calls);
        var tickets = new List<CallTicket>();
        for (var i = 0; i < Calls; i++)
        {
            tickets.Add(await SettledAsync(account, 1));
        }

        // The very first booking is told last.
        for (var i = 1; i < Calls; i++)
        {
            await AckAsync(account, tickets[i], balance: Calls - i - 1, version: i + 2, charged: 1);
            (await account.AvailableAsync()).Should().BeLessOrEqualTo(0);
        }

        await AckAsync(account, tickets[0], balance: Calls - 1, version: 2, charged: 1);
        var seen = await account.SnapshotAsync();
        (seen.Base.Nanos, seen.Version, seen.Pending.Nanos).Should().Be((0, Calls + 1, 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Acks_InAnyOrder_LeaveWhatIsAvailableAsItIs(int seed)
    {
        var random = new Random(seed);
        var account = await AccountAsync(10_000);
        var booked = new List<(CallTicket Ticket, long Balance, long Version, long Charged)>();
        long balance = 10_000;
        for (var i = 0; i < 60; i++)
        {
            var charged = random.Next(0, 100);
            balance -= charged;
            booked.Add((await SettledAsync(account, charged), balance, i + 2, charged));
        }

        var order = booked.ToArray();
        random.Shuffle(order);
        foreach (var (ticket, after, version, charged) in order)
        {
            await AckAsync(account, ticket, after, version, charged);
            (await account.AvailableAsync()).Should().Be(balance, "seed {0}", seed);
        }

        (await SeenAsync(account)).Should().Be((balance, 61, 0, balance));
    }

    private static async Task<CallTicket> SettledAsync(TestAccount account, long cost)
    {
        var ticket = await account.HoldAsync(cost);
        await account.SettleAsync(ticket, cost);
        return ticket;
    }

    private static async Task AckAsync(TestAccount account, CallTicket ticket, long balance, long version, long charged) =>
        (await account.Client.Calls.AckAsync(ticket, new Money(balance), version, new Money(charged), atBooking: true)).Should().Be(CallAnswer.Ok);

    private static async Task<(long Base, long Version, long Pending, long Available)> SeenAsync(TestAccount account)
    {
        var view = await account.ViewAsync();
        return (view.Base.Nanos, view.Version, view.Pending.Nanos, view.Available.Nanos);
    }

    private async Task<TestAccount> AccountAsync(long balance)
    {
        var account = new TestAccount(await server.EmptyAsync());
        await account.InstallAsync(balance);
        return account;
    }
}

public sealed class AcknowledgementOrderOnRedisTests(RedisHotStore server) : AcknowledgementOrderTests(server), IClassFixture<RedisHotStore>;

public sealed class AcknowledgementOrderOnGarnetTests(GarnetHotStore server) : AcknowledgementOrderTests(server), IClassFixture<GarnetHotStore>;
