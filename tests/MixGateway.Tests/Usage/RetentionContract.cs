using Microsoft.EntityFrameworkCore;
using MixGateway.Administration;
using MixGateway.Billing.Reconciliation;
using MixGateway.Storage;
using MixGateway.Usage;
using MixGateway.Usage.Retention;

namespace MixGateway.Tests.Usage;

/// <summary>What retention promises on every database: the detail goes, and everything that is summed from it stays.</summary>
public abstract class RetentionContract
{
    private protected abstract BooksBench Books { get; }

    private protected abstract IExpiredRecords Records { get; }

    private RetentionBench? _bench;

    private protected RetentionBench Bench => _bench ??= new RetentionBench(Books, Records);

    /// <summary>Prepares the database for the calls of a month, given by its first day.</summary>
    private protected virtual Task AddMonthAsync(DateTime month) => Task.CompletedTask;

    [Theory]
    [InlineData(2000)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Clear_OldMonths_TakesTheDetailAndKeepsEverySum(int batch)
    {
        var (account, quiet) = await SeedAsync();
        var (days, spend) = (await Books.DaysAsync(account), await Bench.SpendAsync(account));

        await Bench.ClearAsync(RetentionBench.FortyDays, batch: batch);

        (await Books.RecordsAsync(account)).Select(static record => record.Charged).Should().Equal(500, 600);
        (await Bench.LedgerThatAddsUpAsync(account)).Should().Equal(
            (LedgerKind.Credit, 10_000), (LedgerKind.Carried, -600), (LedgerKind.Credit, 50), (LedgerKind.Carried, -400), (LedgerKind.Usage, -500), (LedgerKind.Usage, -600));
        (await Bench.LedgerThatAddsUpAsync(quiet)).Should().Equal((LedgerKind.Credit, 1_000), (LedgerKind.Carried, -7));
        await ShouldBeUnchangedAsync(account, days, spend);

        await Bench.ClearAsync(RetentionBench.FortyDays, batch: batch);
        (await Bench.LedgerThatAddsUpAsync(account)).Should().HaveCount(6, "a second round finds nothing to do");

        Bench.Time.Advance(TimeSpan.FromDays(30));
        await Bench.ClearAsync(RetentionBench.FortyDays, batch: batch);
        (await Books.RecordsAsync(account)).Select(static record => record.Charged).Should().Equal(600);
        (await Bench.LedgerThatAddsUpAsync(account)).Should().Equal(
            (LedgerKind.Credit, 10_000), (LedgerKind.Carried, -600), (LedgerKind.Credit, 50), (LedgerKind.Carried, -900), (LedgerKind.Usage, -600));
        await ShouldBeUnchangedAsync(account, days, spend);
    }

    [Fact]
    public async Task Clear_Ledger_KeepsWhatIsNoCharge()
    {
        var (account, _) = await SeedAsync();
        var before = (await Books.LedgerAsync(account)).Where(static entry => entry.Kind != LedgerKind.Usage).ToList();

        await Bench.ClearAsync(RetentionBench.FortyDays);

        var after = await Books.LedgerAsync(account);
        after.Where(static entry => entry.Kind == LedgerKind.Credit).Should().BeEquivalentTo(before, "a credit is found again by its idempotency key");
        after.Where(static entry => entry.Kind == LedgerKind.Carried).Select(static entry => (entry.CreatedAt, entry.RequestId)).Should().Equal(
            (RetentionBench.At("2026-06-03"), null), (RetentionBench.At("2026-06-11"), null));
    }

    [Fact]
    public async Task Clear_Off_KeepsEverything()
    {
        var (account, _) = await SeedAsync();
        await Bench.ClearAsync(TimeSpan.Zero);
        (await Books.RecordsAsync(account)).Should().HaveCount(6);
        (await Books.LedgerAsync(account)).Should().HaveCount(8);
        Bench.Horizon.Before.Should().Be(DateTime.MinValue);
    }

    [Fact]
    public async Task Book_CallOfAClearedMonth_IsPutAsideAndChargesNothing()
    {
        var (account, _) = await SeedAsync();
        var record = (await Books.RecordsAsync(account))[0];
        await Bench.ClearAsync(RetentionBench.FortyDays);
        using var books = Books.NewBooks(horizon: Bench.Horizon);
        await books.StartAsync(CancellationToken.None);
        var again = BooksBench.Record(account, record.Cost, RetentionBench.At("2026-05-20"));
        var late = BooksBench.Record(account, 1, RetentionBench.At("2026-07-01"));

        (await books.BookAsync(again)).Should().Be(BookingResult.Rejected);
        (await books.BookAsync(late)).Should().Be(BookingResult.Booked);

        (await Books.RejectedAsync()).Should().ContainSingle(row => row.Id == again.RequestId).Which.Reason.Should().Contain("Usage:Retention").And.Contain("2026-07-01");
        (await Bench.LedgerThatAddsUpAsync(account)).Last().Should().Be((LedgerKind.Usage, -1));
        await books.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Horizon_OfAnotherReplica_IsTakenOver()
    {
        await SeedAsync();
        await Bench.ClearAsync(RetentionBench.FortyDays);
        var another = new UsageHorizon();
        await using var context = Books.NewContext();
        await another.LoadAsync(context, CancellationToken.None);
        another.Before.Should().Be(new DateTime(2026, 7, 1, 0, 0, 0, DateTimeKind.Utc));
        another.Advance(DateTime.UnixEpoch);
        another.Before.Year.Should().Be(2026, "a mark never goes back");
    }

    [Fact]
    public async Task Summary_OverClearedMonths_IsRightByTheDayAndRefusesPartsOfADay()
    {
        var (account, _) = await SeedAsync();
        var from = RetentionBench.At("2026-05-20").Date;
        var before = await SumAsync(account, from, RetentionBench.At("2026-08-05"));
        await Bench.ClearAsync(RetentionBench.FortyDays);

        (await SumAsync(account, from, RetentionBench.At("2026-08-05"))).Should().BeEquivalentTo(before);
        var cut = await Bench.Summary.SumAsync(
            UsageGroup.Account, new UsagePeriod(from.AddHours(3), null), new PageRequest(10, null), CancellationToken.None, new UsageSumFilter(account));
        cut.Refusal!.Errors!.ByField["from"].Should().Contain("2026-05-20").And.Contain("daily totals");
        var end = await Bench.Summary.SumAsync(UsageGroup.Account, new UsagePeriod(null, from.AddDays(1).AddHours(3)), new PageRequest(10, null), CancellationToken.None);
        end.Refusal!.Errors!.ByField.Should().ContainKey("to");
        (await SumAsync(account, from.AddDays(-100).AddHours(3), null)).Single().Requests.Should().Be(6, "nothing was used on that day");
    }

    [Fact]
    public async Task Clear_AuditLog_DeletesWhatIsOlder()
    {
        var now = Bench.Time.GetUtcNow().UtcDateTime;
        await using (var context = Books.NewContext())
        {
            context.AuditEntries.AddRange(Enumerable.Range(0, 1_100).Select(i => Entry(now.AddDays(-31).AddMinutes(-i), "old")));
            context.AuditEntries.AddRange(Entry(now.AddDays(-29), "young"), Entry(now, "young"), Entry(now.AddYears(-9), AuditEntryRow.CurrencyAction));
            await context.SaveChangesAsync();
        }

        await Bench.ClearAsync(TimeSpan.Zero, TimeSpan.FromDays(30));

        await using var after = Books.NewContext();
        (await after.AuditEntries.Select(static entry => entry.Action).ToListAsync()).Should().BeEquivalentTo("young", "young", AuditEntryRow.CurrencyAction);
    }

    /// <summary>As an operator does it who deletes rows.</summary>
    [Fact]
    public async Task Reconcile_RecordsDeletedByHand_IsADriftWhereADayHasSomeLeft()
    {
        var (account, quiet) = await SeedAsync();
        await using var context = Books.NewContext();
        await context.UsageRecords.Where(record => record.StartedAt < RetentionBench.At("2026-06-01")).ExecuteDeleteAsync();
        (await Bench.DriftsAsync(account)).Should().BeEmpty("whole days were cleared");
        (await Bench.DriftsAsync(quiet)).Should().BeEmpty();

        await Bench.BookAsync(account, "2026-08-05", 3);
        await context.UsageRecords.Where(record => record.AccountId == account && record.Cost == 600).ExecuteDeleteAsync();

        (await Bench.DriftsAsync(account)).Should().Equal(new Drift(account, DriftKind.UsageDaily, "0.000001203", "0.000001803"));
    }

    /// <summary>Money and calls from May to August: two months to clear, and two that stay. The other account has a single old call.</summary>
    private protected async Task<(Guid Account, Guid Quiet)> SeedAsync()
    {
        foreach (var month in Enumerable.Range(5, 4))
        {
            await AddMonthAsync(new DateTime(2026, month, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        var (account, quiet) = (await Books.NewAccountAsync(10_000), await Books.NewAccountAsync(1_000));
        await Bench.BookAsync(account, "2026-05-20", 100);
        await Bench.BookAsync(account, "2026-05-21", 200);
        await Bench.BookAsync(quiet, "2026-05-21", 7);
        await Bench.BookAsync(account, "2026-06-03", 300);
        await Bench.CreditAsync(account, "2026-06-10", 50);
        await Bench.BookAsync(account, "2026-06-11", 400);
        await Bench.BookAsync(account, "2026-07-02", 500);
        await Bench.BookAsync(account, "2026-08-05", 600);
        (await Bench.DriftsAsync(account)).Should().BeEmpty();
        return (account, quiet);
    }

    private async Task ShouldBeUnchangedAsync(Guid account, List<UsageDailyRow> days, Dictionary<(Guid, string), long> spend)
    {
        (await Books.DaysAsync(account)).Should().Equal(days);
        (await Bench.SpendAsync(account)).Should().BeEquivalentTo(spend);
        (await Bench.DriftsAsync(account)).Should().BeEmpty("what is gone is not compared");
    }

    private async Task<IReadOnlyList<UsageSum>> SumAsync(Guid account, DateTime from, DateTime? to)
    {
        var outcome = await Bench.Summary.SumAsync(
            UsageGroup.Account, new UsagePeriod(from, to), new PageRequest(10, null), CancellationToken.None, new UsageSumFilter(account));
        return outcome.Value!.Data;
    }

    private static AuditEntryRow Entry(DateTime at, string action) => new()
    {
        Id = Guid.NewGuid(),
        At = at,
        Actor = "test",
        Action = action,
        Target = "test",
    };
}
