using System.Text;
using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Every transition of a call, one at a time, on each kind of store.</summary>
public abstract class CallTransitionTests(HotStoreServer server)
{
    [Fact]
    public async Task Admit_UnknownAccount_AsksToLoad()
    {
        var account = await AccountAsync();
        (await account.AdmitAsync(10)).Status.Should().Be(AdmissionStatus.Load);
    }

    [Fact]
    public async Task Admit_UnknownKeyOfKnownAccount_AsksToLoad()
    {
        var account = await AccountAsync(100);
        var request = account.Request(10) with { KeyId = Guid.NewGuid() };
        (await account.Client.Calls.AdmitAsync(request)).Status.Should().Be(AdmissionStatus.Load);
    }

    [Fact]
    public async Task Admit_EnoughAvailable_HoldsIt()
    {
        var account = await AccountAsync(100);
        await account.HoldAsync(60);
        var view = await account.ViewAsync();
        (view.Base.Nanos, view.Held.Nanos, view.Pending.Nanos, view.Available.Nanos).Should().Be((100, 60, 0, 40));
    }

    [Fact]
    public async Task Admit_MoreThanAvailable_IsRefusedAndChangesNothing()
    {
        var account = await AccountAsync(100);
        await account.HoldAsync(60);
        var refused = await account.AdmitAsync(41);
        refused.Refusal.Should().Be(new Refusal(RefusalKind.Balance, true, null, 40, null, new Money(40), Held: new Money(60)));
        (await account.ViewAsync()).Held.Nanos.Should().Be(60);
        await account.HoldAsync(40);
    }

    [Fact]
    public async Task Admit_SameIdTwice_HoldsOnce()
    {
        var account = await AccountAsync(100);
        var id = Guid.CreateVersion7();
        (await account.AdmitAsync(60, id: id)).Status.Should().Be(AdmissionStatus.Held);
        (await account.AdmitAsync(60, id: id)).Status.Should().Be(AdmissionStatus.Held);
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Held = new Money(60), Calls = 1L, Running = 1L });
    }

    [Fact]
    public async Task Settle_LessThanHold_FreesTheRest()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        (await account.SettleAsync(ticket, 25)).Nanos.Should().Be(25);
        var view = await account.ViewAsync();
        (view.Held.Nanos, view.Pending.Nanos, view.Available.Nanos).Should().Be((0, 25, 75));
    }

    [Fact]
    public async Task Settle_Twice_ChargesOnceAndKeepsTheFirstCharge()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        await account.SettleAsync(ticket, 25);
        (await account.SettleAsync(ticket, 50)).Nanos.Should().Be(25);
        (await account.ViewAsync()).Pending.Nanos.Should().Be(25);
    }

    [Fact]
    public async Task Settle_DearerThanHold_ChargesWhatIsAvailableBeyondIt()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        await account.HoldAsync(30);
        (await account.SettleAsync(ticket, 500)).Nanos.Should().Be(70);
        (await account.AvailableAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Settle_AccountOverdrawnMeanwhile_StillChargesTheHold()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        await account.InstallAsync(-500, version: 2);
        (await account.SettleAsync(ticket, 90)).Nanos.Should().Be(60);
    }

    [Fact]
    public async Task Settle_UnknownCall_IsMissing()
    {
        var account = await AccountAsync(100);
        var ticket = new CallTicket(account.Request(1));
        (await account.Client.Calls.SettleAsync(ticket, Money.Zero, 0, default)).Answer.Should().Be(CallAnswer.Missing);
        (await account.Client.Calls.ExtendAsync(ticket, Money.Zero, default)).Should().Be(CallAnswer.Missing);
        (await account.Client.Calls.RaiseAsync(ticket, Money.Zero)).Answer.Should().Be(CallAnswer.Missing);
    }

    [Fact]
    public async Task Raise_DearerThanHold_HoldsMoreUpToWhatIsAvailable()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        (await account.Client.Calls.RaiseAsync(ticket, new Money(80))).Should().Be(new AmountAnswer(CallAnswer.Ok, new Money(80)));
        (await account.AvailableAsync()).Should().Be(20);
        (await account.Client.Calls.RaiseAsync(ticket, new Money(500))).Amount.Nanos.Should().Be(100);
        (await account.Client.Calls.RaiseAsync(ticket, new Money(10))).Amount.Nanos.Should().Be(100);
        (await account.AvailableAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Ack_SettledCall_MovesTheChargeIntoTheBase()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        await account.SettleAsync(ticket, 25);
        (await account.Client.Calls.AckAsync(ticket, new Money(75), 2, new Money(25))).Should().Be(CallAnswer.Ok);
        (await account.Client.Calls.AckAsync(ticket, new Money(75), 2, new Money(25))).Should().Be(CallAnswer.Ok);
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new
        {
            Base = new Money(75),
            Version = 2L,
            Pending = Money.Zero,
            Held = Money.Zero,
            Running = 0L,
            Calls = 0L,
        });
    }

    [Fact]
    public async Task Ack_CallBookedWithoutSettle_GivesBackTheHold()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        await account.Client.Calls.AckAsync(ticket, new Money(90), 2, new Money(10));
        (await account.SnapshotAsync()).Should().BeEquivalentTo(new { Base = new Money(90), Held = Money.Zero, Running = 0L });
    }

    [Fact]
    public async Task Ack_OlderVersion_KeepsTheNewerBase()
    {
        var account = await AccountAsync(100, version: 7);
        var ticket = await account.HoldAsync(60);
        await account.Client.Calls.AckAsync(ticket, new Money(40), 6, new Money(10));
        (await account.ViewAsync()).Should().BeEquivalentTo(new { Base = new Money(100), Version = 7L, Held = Money.Zero });
    }

    [Fact]
    public async Task Release_HeldCall_LeavesNoTraceInBalanceOrLimits()
    {
        var account = await AccountAsync();
        account.KeyLimits = new CallLimits { RequestsPerMinute = 1, TokensPerMinute = 100, MaxConcurrent = 1, SpendTotal = new Money(60) };
        await account.InstallAsync(100);
        var ticket = await account.HoldAsync(60, tokens: 100);
        (await account.Client.Calls.ReleaseAsync(ticket)).Should().Be(CallAnswer.Ok);
        (await account.Client.Calls.ReleaseAsync(ticket)).Should().Be(CallAnswer.Ok);
        (await account.AvailableAsync()).Should().Be(100);
        await account.HoldAsync(60, tokens: 100);
    }

    [Fact]
    public async Task Release_BeforeItsAdmissionArrives_RefusesTheAdmission()
    {
        var account = await AccountAsync(100);
        var request = account.Request(60);
        await account.Client.Calls.ReleaseAsync(new CallTicket(request));
        (await account.Client.Calls.AdmitAsync(request)).Status.Should().Be(AdmissionStatus.Down);
        (await account.AvailableAsync()).Should().Be(100);
    }

    [Fact]
    public async Task Release_SettledCall_IsTooLate()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        await account.SettleAsync(ticket, 25);
        (await account.Client.Calls.ReleaseAsync(ticket)).Should().Be(CallAnswer.Missing);
        (await account.ViewAsync()).Pending.Nanos.Should().Be(25);
    }

    [Fact]
    public async Task Restore_LostCall_HoldsAgainWithoutAskingForBalance()
    {
        var account = await AccountAsync(10);
        var ticket = new CallTicket(account.Request(60));
        (await account.Client.Calls.RestoreAsync(ticket, new Money(5), TestAccount.Record("r"))).Should().Be(CallAnswer.Ok);
        (await account.Client.Calls.RestoreAsync(ticket, new Money(5), TestAccount.Record("r"))).Should().Be(CallAnswer.Ok);
        (await account.AvailableAsync()).Should().Be(-50);
        (await account.Client.Calls.ExtendAsync(ticket, new Money(6), TestAccount.Record("r"))).Should().Be(CallAnswer.Ok);
    }

    [Fact]
    public async Task Restore_UnknownAccount_AsksToLoad()
    {
        var account = await AccountAsync();
        (await account.Client.Calls.RestoreAsync(new CallTicket(account.Request(60)), Money.Zero, default)).Should().Be(CallAnswer.Load);
    }

    [Fact]
    public async Task Extend_SuspendedAccount_SaysSo()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        account.IsSuspended = true;
        await account.InstallAsync(100, version: 2);
        (await account.Client.Calls.ExtendAsync(ticket, Money.Zero, default)).Should().Be(CallAnswer.Suspended);
    }

    [Fact]
    public async Task Stop_RunningCall_IsToldAtItsNextHeartbeat()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        var found = (await account.Client.Shards.FindAsync(ticket.RequestId)).Value!;
        (await account.Client.Shards.StopAsync(found)).Should().Be(CallAnswer.Ok);
        (await account.Client.Calls.ExtendAsync(ticket, Money.Zero, default)).Should().Be(CallAnswer.Stopped);
        await account.Client.Calls.AckAsync(ticket, Money.Zero, 2, Money.Zero);
        (await account.Client.Shards.StopAsync(found)).Should().Be(CallAnswer.Missing);
        (await account.Client.Shards.FindAsync(ticket.RequestId)).Answer.Should().Be(CallAnswer.Missing);
    }

    [Fact]
    public async Task List_RunningAndSettledCalls_TellsEach()
    {
        var account = await AccountAsync(100);
        var running = await account.HoldAsync(10);
        var settled = await account.HoldAsync(20);
        await account.SettleAsync(settled, 15, record: "a|b\nc");
        await account.Client.Calls.ReleaseAsync(await account.HoldAsync(1));
        var calls = (await account.Client.Shards.ListAsync())!;
        calls.Should().HaveCount(2);
        calls.Single(c => c.RequestId == running.RequestId).Should().BeEquivalentTo(new
        {
            State = StoredCallState.Held,
            account.KeyId,
            AccountId = account.Id,
            Hold = new Money(10),
            Period = TestAccount.Today,
            IsDebit = false,
        });
        var other = calls.Single(c => c.RequestId == settled.RequestId);
        (other.State, other.Cost.Nanos, Encoding.UTF8.GetString(other.Record.Span)).Should().Be((StoredCallState.Settled, 15, "a|b\nc"));
    }

    [Fact]
    public async Task Debit_Available_IsHeldUntilAcknowledged()
    {
        var account = await AccountAsync(100);
        var id = Guid.CreateVersion7();
        var debit = await account.Client.Accounts.DebitAsync(id, account.Id, new Money(70), default);
        debit.Should().BeEquivalentTo(new { Status = DebitStatus.Held, Available = new Money(30) });
        (await account.Client.Accounts.DebitAsync(id, account.Id, new Money(70), default)).Status.Should().Be(DebitStatus.Held);
        (await account.AdmitAsync(31)).Status.Should().Be(AdmissionStatus.Refused);
        await account.Client.Calls.AckAsync(debit.Ticket!, new Money(30), 2, new Money(70));
        (await account.ViewAsync()).Should().BeEquivalentTo(new { Base = new Money(30), Held = Money.Zero });
        (await account.Client.Accounts.DebitAsync(Guid.NewGuid(), account.Id, new Money(31), default)).Status.Should().Be(DebitStatus.Refused);
    }

    [Fact]
    public async Task Settle_NegativeCost_IsRefusedBeforeItIsSentAndByTheScript()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        var settle = async () => await account.Client.Calls.SettleAsync(ticket, new Money(-1), 0, default);
        await settle.Should().ThrowAsync<ArgumentOutOfRangeException>();
        (await account.Client.Runner.RunAsync(Script.Settle, ticket.Keys, [default, ticket.Id, -1, 0, 10_000, "r"])).IsDown.Should().BeTrue();
        (await account.ViewAsync()).Held.Nanos.Should().Be(60);
    }

    /// <summary>So the call's end goes to the database with its own record, instead of being lost with an exception.</summary>
    [Fact]
    public async Task Call_ThatTheScriptsCannotRead_IsLikeAStoreThatDoesNotAnswer()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        await server.Connection.Database.HashSetAsync(ticket.Keys[1], ticket.Id, "unreadable");

        (await account.Client.Calls.SettleAsync(ticket, new Money(1), 0, default)).Answer.Should().Be(CallAnswer.Down);
        (await account.Client.Calls.ExtendAsync(ticket, new Money(1), default)).Should().Be(CallAnswer.Down);
        (await account.Client.Calls.RaiseAsync(ticket, new Money(70))).Answer.Should().Be(CallAnswer.Down);
    }

    [Fact]
    public async Task Amounts_BeyondTwoToThe53_StayExact()
    {
        const long Balance = 9_007_199_254_740_993_123; // within 2^63, far above 2^53, odd
        var account = await AccountAsync(Balance);
        var ticket = await account.HoldAsync(900_719_925_474_099_301);
        (await account.AvailableAsync()).Should().Be(Balance - 900_719_925_474_099_301);
        await account.SettleAsync(ticket, 900_719_925_474_099_299);
        (await account.AvailableAsync()).Should().Be(Balance - 900_719_925_474_099_299);
        await account.Client.Calls.AckAsync(ticket, new Money(Balance - 900_719_925_474_099_299), 9_007_199_254_740_995, new Money(900_719_925_474_099_299));
        (await account.ViewAsync()).Should().BeEquivalentTo(new { Base = new Money(Balance - 900_719_925_474_099_299), Version = 9_007_199_254_740_995L });
        await account.InstallAsync(5, version: 9_007_199_254_740_994);
        (await account.AvailableAsync()).Should().Be(Balance - 900_719_925_474_099_299);
        await account.InstallAsync(5, version: 9_007_199_254_740_996);
        (await account.AvailableAsync()).Should().Be(5);
    }

    [Theory]
    [InlineData(999_999_999, 1_000_000_000)]
    [InlineData(1_000_000_000, 999_999_999)]
    [InlineData(1_000_000_001, 1_000_000_001)]
    [InlineData(5_000_000_000, 4_000_000_001)]
    [InlineData(-1, 1)]
    [InlineData(-1_000_000_000, 1)]
    [InlineData(0, 0)]
    public async Task Available_AtTheSeamsOfTheArithmetic_IsTheDifference(long balance, long hold)
    {
        var account = await AccountAsync(balance);
        await account.Client.Calls.RestoreAsync(new CallTicket(account.Request(hold)), Money.Zero, default);
        (await account.AvailableAsync()).Should().Be(balance - hold);
    }

    [Fact]
    public async Task Payload_OfALaterFormat_KeepsWhatIsNotKnownHere()
    {
        var account = await AccountAsync(100);
        var ticket = await account.HoldAsync(60);
        var calls = AccountShard.KeysOf(account.Shard)[1];
        var database = server.Connection.Database;
        var payload = (string)(await database.HashGetAsync(calls, ticket.Id))!;
        await database.HashSetAsync(calls, ticket.Id, "2" + payload[1..payload.IndexOf('\n')] + "|new|er\n" + "x");
        await account.Client.Calls.ExtendAsync(ticket, new Money(3), TestAccount.Record("y"));
        (await account.SettleAsync(ticket, 20, record: "z")).Nanos.Should().Be(20);
        ((string)(await database.HashGetAsync(calls, ticket.Id))!).Should().StartWith("2|S|").And.EndWith("|new|er\nz");
        (await account.Client.Shards.ListAsync())!.Single().Cost.Nanos.Should().Be(20);
    }

    [Fact]
    public async Task Scripts_ForgottenByTheServer_AreSentAgain()
    {
        var account = await AccountAsync(100);
        await server.Connection.Database.ExecuteAsync("SCRIPT", "FLUSH");
        await account.HoldAsync(60);
    }

    private async Task<TestAccount> AccountAsync(long? balance = null, long version = 1)
    {
        var account = new TestAccount(await server.EmptyAsync());
        if (balance is { } amount)
        {
            await account.InstallAsync(amount, version);
        }

        return account;
    }
}

public sealed class CallTransitionsOnRedisTests(RedisHotStore server) : CallTransitionTests(server), IClassFixture<RedisHotStore>;

public sealed class CallTransitionsOnGarnetTests(GarnetHotStore server) : CallTransitionTests(server), IClassFixture<GarnetHotStore>;
