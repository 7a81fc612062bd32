using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using MixGateway.Billing;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

public sealed class PostingsTests
{
    private static readonly Guid Account = Guid.CreateVersion7();
    private static readonly DateTimeOffset Now = new(BooksBench.Noon);

    [Property]
    public Property Make_AnyCosts_ChargesInOrderAndNeverBelowZero()
    {
        var costs = Gen.Choose(-50, 400).Select(cost => (long)cost).ListOf();
        return Prop.ForAll(costs.ToArbitrary(), Gen.Choose(-100, 2000).ToArbitrary(), (costs, balance) =>
        {
            var records = costs.Select(cost => BooksBench.Record(Account, cost)).ToList();
            var postings = Make(records, new AccountBalance(Account, balance, 10));

            var left = (long)balance;
            var version = 10L;
            var entries = 0;
            for (var i = 0; i < records.Count; i++)
            {
                var charged = Math.Clamp(records[i].Cost.Nanos, 0, Math.Max(left, 0));
                left -= charged;
                version++;
                postings.Records[i].Charged.Should().Be(charged);
                if (charged != 0)
                {
                    var entry = postings.Ledger[entries++];
                    entry.Should().BeEquivalentTo(new { Sequence = version, Amount = -charged, BalanceAfter = left });
                }
            }

            postings.Ledger.Should().HaveCount(entries);
            (balance < 0 || left >= 0).Should().BeTrue();
            if (records.Count > 0)
            {
                postings.Accounts.Should().Equal(new AccountBalance(Account, left, version));
            }
        });
    }

    [Theory]
    [InlineData(10, 4, 4)]
    [InlineData(3, 4, 3)]
    [InlineData(10, 0, 0)]
    public void Make_ChargeLimit_BoundsTheChargeAndKeepsTheCost(long cost, long limit, long charged)
    {
        var record = BooksBench.Record(Account, cost) with { ChargeLimit = new Money(limit) };

        var postings = Make([record], new AccountBalance(Account, 100, 1));

        postings.Records.Single().Charged.Should().Be(charged);
        postings.Records.Single().Cost.Should().Be(cost);
        postings.Outcomes.Should().Equal(new Posting(PostingOutcome.Inserted, charged, new AccountBalance(Account, 100 - charged, 2)));
    }

    [Fact]
    public void Make_ExtremeCost_DoesNotOverflow()
    {
        var postings = Make([BooksBench.Record(Account, long.MaxValue), BooksBench.Record(Account, long.MinValue)], new AccountBalance(Account, long.MaxValue, 0));
        postings.Accounts.Should().Equal(new AccountBalance(Account, 0, 2));
    }

    [Fact]
    public void Make_SumOfADayBeyond64Bits_Throws()
    {
        var act = () => Make([BooksBench.Record(Account, long.MaxValue), BooksBench.Record(Account, 1)], new AccountBalance(Account, 0, 0));
        act.Should().Throw<OverflowException>();
    }

    [Fact]
    public void Make_OnlyReplays_ChangesNothing()
    {
        var record = BooksBench.Record(Account, 5);
        var state = new BookState(new() { [Account] = new(Account, 9, 9) }, new() { [record.RequestId] = new BookedCharge(BookedCall.Of(record), 5) });

        var postings = Postings.Make([record, record with { Cost = new Money(6) }], state, TimeZoneInfo.Utc, Now);

        var account = new AccountBalance(Account, 9, 9);
        postings.Outcomes.Should().Equal(new Posting(PostingOutcome.Replayed, 5, account), new Posting(PostingOutcome.Lost, 5, account));
        postings.Records.Should().BeEmpty();
        postings.Accounts.Should().BeEmpty();
        postings.Days.Should().BeEmpty();
    }

    [Fact]
    public void StartOf_AnyId_IsItsMilliseconds()
    {
        var time = new DateTimeOffset(2026, 11, 22, 1, 2, 3, 456, TimeSpan.Zero);
        UsageRecord.StartOf(Guid.CreateVersion7(time.AddTicks(9999))).Should().Be(time.UtcDateTime).And.BeIn(DateTimeKind.Utc);
    }

    private static Postings Make(IReadOnlyList<UsageRecord> records, AccountBalance account) =>
        Postings.Make(records, new BookState(new() { [account.AccountId] = account }, []), TimeZoneInfo.Utc, Now);
}
