using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Billing.Reconciliation;
using MixGateway.Storage;
using MixGateway.Usage.Retention;

namespace MixGateway.Tests.Usage;

/// <summary>Retention over a database, with a clock of its own, and what has to hold after it.</summary>
internal sealed class RetentionBench(BooksBench books, IExpiredRecords records)
{
    /// <summary>As many days that everything before July goes on 20 August.</summary>
    public static readonly TimeSpan FortyDays = TimeSpan.FromDays(40);

    private readonly Contexts _contexts = new(books.NewContext);

    public Clock Time { get; } = new();

    public UsageHorizon Horizon { get; } = new();

    public KeptRecordsReader Kept => new(Calendar);

    public UsageSummary Summary => new(_contexts, Calendar, Kept);

    private BillingCalendar Calendar => new(Time, TimeZoneInfo.Utc);

    /// <param name="batch">Entries of the ledger at a time.</param>
    public async Task ClearAsync(TimeSpan usage, TimeSpan audit = default, int batch = 2000)
    {
        using var service = new RetentionService(
            _contexts,
            records,
            new LedgerCarry(_contexts, Time, NullLogger<LedgerCarry>.Instance, batch),
            Horizon,
            Options.Create(new UsageRetentionOptions { Retention = usage }),
            Options.Create(new AuditRetentionOptions { Retention = audit }),
            Time,
            NullLogger<RetentionService>.Instance);
        await service.ClearAsync(CancellationToken.None);
    }

    /// <summary>What reconciliation finds in the database.</summary>
    public async Task<List<Drift>> DriftsAsync(Guid account)
    {
        var reader = new BooksReader(_contexts, Kept, new DayComparer(Calendar));
        return [.. (await reader.ReadAsync([account], CancellationToken.None)).SelectMany(static found => DriftRules.Check(found, null))];
    }

    /// <summary>Books a call on its day, with a ledger entry of that day.</summary>
    public async Task BookAsync(Guid account, string day, long cost)
    {
        var startedAt = At(day);
        using var open = await books.StartBooksAsync();
        var record = BooksBench.Record(account, cost, startedAt);
        (await open.BookAsync(record)).Should().Be(MixGateway.Usage.BookingResult.Booked);
        await open.StopAsync(CancellationToken.None);
        await using var context = books.NewContext();
        await context.LedgerEntries.Where(entry => entry.RequestId == record.RequestId).ExecuteUpdateAsync(entry => entry.SetProperty(row => row.CreatedAt, startedAt));
    }

    /// <summary>Puts money into an account.</summary>
    public async Task CreditAsync(Guid accountId, string day, long amount)
    {
        await using var context = books.NewContext();
        var account = await context.Accounts.AsTracking().SingleAsync(row => row.Id == accountId);
        account.Balance += amount;
        account.Version++;
        context.LedgerEntries.Add(new LedgerEntryRow
        {
            AccountId = accountId,
            Sequence = account.Version,
            Id = Guid.CreateVersion7(),
            Kind = LedgerKind.Credit,
            Amount = amount,
            BalanceAfter = account.Balance,
            IdempotencyKey = day,
            CreatedAt = At(day),
        });
        await context.SaveChangesAsync();
    }

    /// <summary>Each entry leads from the balance before it to the one after it, and the last one to the account's balance.</summary>
    public async Task<IEnumerable<(LedgerKind Kind, long Amount)>> LedgerThatAddsUpAsync(Guid account)
    {
        var ledger = await books.LedgerAsync(account);
        var balance = 0L;
        foreach (var entry in ledger)
        {
            balance += entry.Amount;
            entry.BalanceAfter.Should().Be(balance, "the entry of {0:u} follows the one before it", entry.CreatedAt);
        }

        (await books.AccountAsync(account)).Balance.Should().Be(balance);
        return ledger.Select(static entry => (entry.Kind, entry.Amount));
    }

    public async Task<Dictionary<(Guid, string), long>> SpendAsync(Guid account)
    {
        await using var context = books.NewContext();
        return await context.UsageSpend.Where(sum => sum.AccountId == account).ToDictionaryAsync(static sum => (sum.KeyId, sum.Period), static sum => sum.Charged);
    }

    public static DateTime At(string day) => DateTime.SpecifyKind(DateTime.ParseExact(day, "yyyy-MM-dd", null), DateTimeKind.Utc).AddHours(12);

    /// <summary>A clock that is set by hand, and timers of the real one.</summary>
    internal sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 8, 20, 9, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }

    private sealed class Contexts(Func<GatewayDbContext> create) : IDbContextFactory<GatewayDbContext>
    {
        public GatewayDbContext CreateDbContext() => create();
    }
}
