using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class BufferBudgetTests
{
    private const long MiB = 1024 * 1024;
    private const int Seed = 20261130;

    [Theory]
    [InlineData(141, 47)]
    [InlineData(1200, 400)]
    [InlineData(64 * 1024, 1024)]
    public void DefaultLimit_OfTheMemoryThereIs_IsAPartOfIt(long available, long expected) =>
        BufferBudget.DefaultLimit(available * MiB).Should().Be(expected * MiB);

    [Fact]
    public void Of_WithoutASetting_FollowsTheProcess()
    {
        var budget = BufferBudget.Of(new LimitsOptions());

        budget.Limit.Should().Be(BufferBudget.DefaultLimit(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)).And.BePositive();
        BufferBudget.Of(new LimitsOptions { MaxBufferedBytes = 40 * MiB }).Limit.Should().Be(40 * MiB);
    }

    [Fact]
    public void TryTake_OfOneAccount_LeavesAsMuchToOthers()
    {
        var budget = new BufferBudget(100 * MiB, largestBody: MiB);
        var account = budget.Open(Guid.NewGuid());

        TakeAll(budget, account).Should().BeInRange(49, 50);

        budget.RefusedToAccounts.Should().Be(1);
        budget.Refused.Should().Be(0);
        TakeAll(budget, budget.Open(Guid.NewGuid())).Should().BeInRange(24, 25);
        TakeAll(budget, budget.Open(Guid.NewGuid())).Should().BePositive();
    }

    [Fact]
    public void TryTake_OfTheLargestBody_FitsIntoAnyShare()
    {
        var budget = new BufferBudget(40 * MiB, largestBody: 32 * MiB);

        budget.TryTake(budget.Open(Guid.NewGuid()), 32 * MiB).Should().BeTrue();
        budget.TryTake(budget.Open(Guid.NewGuid()), 32 * MiB).Should().BeFalse();
        budget.Refused.Should().Be(1);
    }

    [Fact]
    public void Call_ThatHoldsLittle_CostsItsBaseAlone()
    {
        var budget = new BufferBudget(100 * MiB, MiB);
        var call = new CallBuffers(budget, Guid.NewGuid());

        call.TryTake(4096).Should().BeTrue();
        (budget.Used, budget.Accounts).Should().Be((0, 0));
        call.TryBegin().Should().BeTrue();
        call.TryTake(CallBuffers.BaseBytes - 4096).Should().BeTrue();
        budget.Used.Should().Be(CallBuffers.BaseBytes);
        call.TryTake(MiB).Should().BeTrue();
        budget.Used.Should().Be(CallBuffers.BaseBytes + MiB);
        call.Return(MiB);
        call.Return(CallBuffers.BaseBytes);
        budget.Used.Should().Be(CallBuffers.BaseBytes);

        call.Dispose();

        (budget.Used, budget.Accounts).Should().Be((0, 0));
    }

    [Fact]
    public void Call_ThatEndedWhileItsBodyIsSent_CountsUntilThatIsReturned()
    {
        var budget = new BufferBudget(100 * MiB, MiB);
        var call = new CallBuffers(budget, Guid.NewGuid());
        call.TryBegin();
        call.TryTake(5 * MiB);

        call.Dispose();

        budget.Used.Should().Be(5 * MiB);
        call.Return(5 * MiB);
        (budget.Used, budget.Accounts).Should().Be((0, 0));
        call.TryTake(1).Should().BeFalse();
    }

    [Fact]
    public void Calls_OfManyThreads_LeaveNothingBehind()
    {
        var budget = new BufferBudget(20 * MiB, MiB);
        Guid[] accounts = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];

        Parallel.For(0, 8, worker =>
        {
            var random = new Random(Seed + worker);
            for (var i = 0; i < 5000; i++)
            {
                RunOne(budget, accounts[random.Next(accounts.Length)], random);
            }
        });

        (budget.Used, budget.Accounts).Should().Be((0, 0));
    }

    private static void RunOne(BufferBudget budget, Guid account, Random random)
    {
        using var call = new CallBuffers(budget, account);
        var held = 0L;
        if (random.Next(3) == 0)
        {
            call.TryBegin();
        }

        for (var i = 0; i < 5; i++)
        {
            var bytes = random.Next(1, 3_000_000);
            if (call.TryTake(bytes))
            {
                held += bytes;
            }

            budget.Used.Should().BeInRange(0, budget.Limit + (8 * 3 * MiB), "others may just be trying");
        }

        call.Return(held);
    }

    /// <returns>Mebibytes.</returns>
    private static int TakeAll(BufferBudget budget, AccountBuffers account)
    {
        var taken = 0;
        while (budget.TryTake(account, MiB))
        {
            taken++;
        }

        return taken;
    }
}
