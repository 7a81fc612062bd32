using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.OpenAI;
using MixGateway.Storage;
using MixGateway.Usage;
using MixGateway.Usage.Retention;

namespace MixGateway.Tests.Usage;

/// <summary>Makes records, books over a store, and checks what the database has afterwards.</summary>
internal sealed class BooksBench(Func<IBookStore> newStore, Func<GatewayDbContext> newContext)
{
    public static readonly DateTime Noon = new(2026, 5, 17, 12, 0, 0, DateTimeKind.Utc);

    private static readonly TokenPrices Prices = new(1_000_000, 100_000, 1_200_000, 2_000_000, 3_000_000);

    public GatewayDbContext NewContext() => newContext();

    /// <summary>Metrics that nobody reads.</summary>
    public static UsageMetrics NewMetrics() => new(NewMeters(), TimeProvider.System);

    /// <summary>Meters that nobody reads.</summary>
    public static IMeterFactory NewMeters() => new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    /// <summary>Books of their own, as one gateway has them; not started.</summary>
    public Books NewBooks(Func<IBookStore, IBookStore>? around = null, IAccountObserver? observer = null, string timeZone = "UTC", BooksOptions? options = null, UsageHorizon? horizon = null)
    {
        var store = newStore();
        return new Books(
            around is null ? store : around(store),
            observer is null ? [] : [observer],
            Options.Create(options ?? new BooksOptions { SettleTimeout = TimeSpan.FromMinutes(1) }),
            Options.Create(new BillingOptions { TimeZone = timeZone }),
            horizon ?? new UsageHorizon(),
            NewMetrics(),
            TimeProvider.System,
            NullLogger<Books>.Instance);
    }

    /// <summary>Books that run.</summary>
    public async Task<Books> StartBooksAsync(Func<IBookStore, IBookStore>? around = null, IAccountObserver? observer = null, string timeZone = "UTC")
    {
        var books = NewBooks(around, observer, timeZone);
        await books.StartAsync(CancellationToken.None);
        return books;
    }

    /// <summary>An account with a first ledger entry over its whole balance, in nano-units.</summary>
    public async Task<Guid> NewAccountAsync(long balance)
    {
        var id = Guid.CreateVersion7();
        await using var context = newContext();
        context.Accounts.Add(new AccountRow { Id = id, Name = "test", Balance = balance, Version = 1, CreatedAt = Noon });
        context.LedgerEntries.Add(new LedgerEntryRow
        {
            AccountId = id,
            Sequence = 1,
            Id = Guid.CreateVersion7(),
            Kind = LedgerKind.Credit,
            Amount = balance,
            BalanceAfter = balance,
            CreatedAt = Noon,
        });
        await context.SaveChangesAsync();
        return id;
    }

    public static UsageRecord Record(Guid account, long cost, DateTime? startedAt = null, Guid? key = null)
    {
        var id = Guid.CreateVersion7(startedAt ?? Noon);
        return new UsageRecord
        {
            RequestId = id,
            AccountId = account,
            KeyId = key ?? account,
            Provider = "demo",
            Model = "demo:echo",
            Stream = true,
            Status = CallStatus.Completed,
            UsageSource = UsageSource.Reported,
            Tokens = new TokenUsage(11, 3, 2, 7, 5),
            Quantities = """[{"kind":"web_search","count":2,"price":10000000,"perUse":true}]""",
            Prices = Prices,
            RequestPrice = 17,
            Currency = "USD",
            Cost = new Money(cost),
            CatalogRevision = 4,
            StartedAt = UsageRecord.StartOf(id),
            DurationMs = 1234,
            FirstTokenMs = 56,
            HttpStatus = 200,
            Attempts = 1,
        };
    }

    public async Task<AccountRow> AccountAsync(Guid id)
    {
        await using var context = newContext();
        return await context.Accounts.SingleAsync(account => account.Id == id);
    }

    public async Task<List<UsageRecordRow>> RecordsAsync(Guid account)
    {
        await using var context = newContext();
        return await context.UsageRecords.Where(record => record.AccountId == account).OrderBy(record => record.RequestId).ToListAsync();
    }

    public async Task<List<LedgerEntryRow>> LedgerAsync(Guid account)
    {
        await using var context = newContext();
        return await context.LedgerEntries.Where(entry => entry.AccountId == account).OrderBy(entry => entry.Sequence).ToListAsync();
    }

    public async Task<List<UsageDailyRow>> DaysAsync(Guid account)
    {
        await using var context = newContext();
        return await context.UsageDaily.Where(day => day.AccountId == account).OrderBy(day => day.Day).ToListAsync();
    }

    public async Task<List<RejectedEventRow>> RejectedAsync()
    {
        await using var context = newContext();
        return await context.RejectedEvents.OrderBy(rejected => rejected.Id).ToListAsync();
    }

    /// <summary>What must hold for every account at any time.</summary>
    public async Task ShouldAddUpAsync(Guid id)
    {
        var account = await AccountAsync(id);
        var ledger = await LedgerAsync(id);
        var records = await RecordsAsync(id);
        var days = await DaysAsync(id);

        account.Balance.Should().BeGreaterThanOrEqualTo(0);
        ledger.Sum(entry => entry.Amount).Should().Be(account.Balance, "the balance is the sum of the ledger");
        var running = 0L;
        foreach (var entry in ledger)
        {
            running += entry.Amount;
            entry.BalanceAfter.Should().Be(running);
        }

        var charges = ledger.Where(entry => entry.Kind == LedgerKind.Usage).ToDictionary(entry => entry.RequestId!.Value, entry => -entry.Amount);
        charges.Should().BeEquivalentTo(records.Where(record => record.Charged != 0).ToDictionary(record => record.RequestId, record => record.Charged));
        account.Version.Should().Be(1 + records.Count, "every record raises the version once");
        days.Sum(day => day.Requests).Should().Be(records.Count);
        days.Sum(day => day.Cost).Should().Be(records.Sum(record => record.Cost));
        days.Sum(day => day.Charged).Should().Be(records.Sum(record => record.Charged));
        days.Sum(day => day.ReasoningTokens).Should().Be(records.Sum(record => record.ReasoningTokens));
    }
}
