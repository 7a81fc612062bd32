using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;
using MixGateway.Tests.Usage;
using MixGateway.Usage;

namespace MixGateway.Tests.Storage;

/// <summary>What the tables promise to those who query them, on every database.</summary>
public abstract class StorageContract
{
    private static readonly DateTime Noon = BooksBench.Noon;

    private protected abstract GatewayDbContext NewContext();

    private protected abstract Task MigrateAgainAsync();

    [Fact]
    public async Task Migrations_Applied_AreAllThatTheModelNeeds()
    {
        await using var context = NewContext();
        context.Database.HasPendingModelChanges().Should().BeFalse();
        (await context.Database.GetPendingMigrationsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Migrator_RunAgain_ChangesNothing()
    {
        var account = await AddAccountAsync();
        await MigrateAgainAsync();
        await using var context = NewContext();
        (await context.Accounts.AnyAsync(row => row.Id == account)).Should().BeTrue();
    }

    [Fact]
    public async Task Identity_ReadByManyAtOnce_IsOneAndStays()
    {
        var contexts = new Contexts(NewContext);
        var identities = Enumerable.Range(0, 6).Select(_ => new DatabaseIdentity(contexts, TimeProvider.System)).ToArray();

        await Task.WhenAll(identities.Select(static identity => identity.ReadAsync(CancellationToken.None)));

        identities.Select(static identity => identity.Text).Distinct().Should().ContainSingle().Which.Should().MatchRegex("^[0-9a-f]{32}$");
        var later = new DatabaseIdentity(contexts, TimeProvider.System);
        await later.ReadAsync(CancellationToken.None);
        later.Text.Should().Be(identities[0].Text);
    }

    [Fact]
    public async Task BookColumns_OfTables_AreTheColumnsOfTheModel()
    {
        await using var context = NewContext();
        Columns<UsageRecordRow>().Should().BeEquivalentTo(BookColumns.UsageRecords.Select(column => column.Name));
        Columns<UsageDailyRow>().Should().BeEquivalentTo(BookColumns.UsageDaily.Select(column => column.Name));
        Columns<LedgerEntryRow>().Except(["note", "idempotency_key", "request_hash"]).Should().BeEquivalentTo(BookColumns.LedgerEntries.Select(column => column.Name));

        IEnumerable<string> Columns<TRow>() => context.Model.FindEntityType(typeof(TRow))!.GetProperties().Select(property => property.GetColumnName());
    }

    /// <summary>Whoever writes the days' sums, also a replica that knows nothing of the sums for spend limits.</summary>
    [Fact]
    public async Task UsageSpend_DaysWrittenChangedAndRemoved_FollowsThemInTheSameTransaction()
    {
        var account = await AddAccountAsync();
        var (key, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await AddAsync(Day(account, key, "2026-05-16", "demo:a", 1), Day(account, key, "2026-05-17", "demo:a", 10), Day(account, key, "2026-05-17", "demo:b", 100),
            Day(account, other, "2026-05-17", "demo:a", 1_000), Day(account, other, "2026-06-01", "demo:a", 10_000), Day(account, other, "2026-06-02", "demo:a", 0));

        (await SpendAsync(account, key)).Should().BeEquivalentTo(new Dictionary<string, long> { [""] = 111, ["2026-05"] = 111, ["2026-05-16"] = 1, ["2026-05-17"] = 110 });
        (await SpendAsync(account, other)).Should().BeEquivalentTo(new Dictionary<string, long> { [""] = 11_000, ["2026-05"] = 1_000, ["2026-05-17"] = 1_000, ["2026-06"] = 10_000, ["2026-06-01"] = 10_000 });
        (await SpendAsync(account, UsageSpendRow.OfAccount)).Should().BeEquivalentTo(new Dictionary<string, long>
        {
            [""] = 11_111,
            ["2026-05"] = 1_111,
            ["2026-05-16"] = 1,
            ["2026-05-17"] = 1_110,
            ["2026-06"] = 10_000,
            ["2026-06-01"] = 10_000,
        });

        await using (var context = NewContext())
        {
            var days = context.UsageDaily.Where(day => day.AccountId == account);
            await days.Where(day => day.Model == "demo:b").ExecuteUpdateAsync(day => day.SetProperty(row => row.Charged, row => row.Charged + 5));
            await days.Where(day => day.KeyId == other).ExecuteDeleteAsync();
        }

        (await SpendAsync(account, UsageSpendRow.OfAccount)).Where(static sum => sum.Value != 0)
            .Should().BeEquivalentTo(new Dictionary<string, long> { [""] = 116, ["2026-05"] = 116, ["2026-05-16"] = 1, ["2026-05-17"] = 115 });
    }

    [Fact]
    public async Task ApiKey_EveryColumn_IsReadAsWritten()
    {
        var account = await AddAccountAsync();
        var key = NewKey(account);
        key.AllowedModels = ["demo:*", "open\"ai:{x}"];
        key.AllowedAddresses = [];
        key.SpendLimitNanos = long.MaxValue;
        key.SpendLimitPeriod = SpendLimitPeriod.Month;
        key.ExpiresAt = Noon.AddMilliseconds(1);
        await AddAsync(key);

        await using var context = NewContext();
        var read = await context.ApiKeys.SingleAsync(row => row.Sha256 == key.Sha256);
        read.Should().BeEquivalentTo(key);
        read.ExpiresAt!.Value.Kind.Should().Be(DateTimeKind.Utc);
        read.RequestsPerMinute.Should().BeNull();
    }

    [Fact]
    public async Task ApiKey_SameHashTwice_IsRefused()
    {
        var account = await AddAccountAsync();
        var key = NewKey(account);
        await AddAsync(key);
        var act = () => AddAsync(NewKey(account, key.Sha256));
        await act.Should().ThrowAsync<DbUpdateException>();
    }

    [Fact]
    public async Task Ledger_SameCallChargedTwice_IsRefused()
    {
        var account = await AddAccountAsync();
        var call = Guid.CreateVersion7();
        await AddAsync(NewEntry(account, 1, LedgerKind.Usage, call));
        await AddAsync(NewEntry(account, 2, LedgerKind.Adjustment, call));
        var act = () => AddAsync(NewEntry(account, 3, LedgerKind.Usage, call));
        await act.Should().ThrowAsync<DbUpdateException>();
    }

    [Fact]
    public async Task Ledger_SameIdempotencyKey_IsRefusedInOneAccountOnly()
    {
        var (account, another) = (await AddAccountAsync(), await AddAccountAsync());
        await AddAsync(NewEntry(account, 1, LedgerKind.Credit, key: "a"));
        await AddAsync(NewEntry(another, 1, LedgerKind.Credit, key: "a"));
        await AddAsync(NewEntry(account, 2, LedgerKind.Credit));
        await AddAsync(NewEntry(account, 3, LedgerKind.Credit));
        var act = () => AddAsync(NewEntry(account, 4, LedgerKind.Credit, key: "a"));
        await act.Should().ThrowAsync<DbUpdateException>();
    }

    [Fact]
    public async Task Account_ChangedByTwo_TheSecondIsTold()
    {
        var id = await AddAccountAsync();
        await using var first = NewContext();
        await using var second = NewContext();
        var (a, b) = (await first.Accounts.SingleAsync(row => row.Id == id), await second.Accounts.SingleAsync(row => row.Id == id));
        (a.Balance, a.Version) = (1, a.Version + 1);
        (b.Balance, b.Version) = (2, b.Version + 1);
        await first.SaveChangesAsync();
        var act = () => second.SaveChangesAsync();
        await act.Should().ThrowAsync<DbUpdateConcurrencyException>();
    }

    [Fact]
    public async Task UsageRecords_PagedByTimeAndId_ComeWholeAndInOrder()
    {
        var account = Guid.CreateVersion7();
        var times = Enumerable.Range(0, 40).Select(i => Noon.AddMilliseconds(i / 4)).ToArray();
        var rows = times.Select(time => UsageRecordRow.Of(BooksBench.Record(account, 1, time), default, time)).ToList();
        await using (var context = NewContext())
        {
            context.UsageRecords.AddRange(rows);
            await context.SaveChangesAsync();
        }

        var read = new List<Guid>();
        for (UsageRecordRow? last = null; ;)
        {
            await using var context = NewContext();
            var query = context.UsageRecords.AsNoTracking().Where(row => row.AccountId == account);
            if (last is { StartedAt: var time, RequestId: var id })
            {
                query = query.Where(row => row.StartedAt < time || (row.StartedAt == time && row.RequestId < id));
            }

            var page = await query.OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.RequestId).Take(7).ToListAsync();
            if (page.Count == 0)
            {
                break;
            }

            read.AddRange(page.Select(row => row.RequestId));
            last = page[^1];
        }

        // Bytes in network order, which is how PostgreSQL compares and how a UUIDv7 sorts by time.
        var expected = rows.OrderByDescending(row => row.RequestId.ToString("N"), StringComparer.Ordinal).Select(row => row.RequestId);
        read.Should().Equal(expected);
    }

    [Fact]
    public async Task Time_NotUtc_IsRefused()
    {
        var act = () => AddAsync(new AccountRow { Id = Guid.CreateVersion7(), Name = "a", CreatedAt = new DateTime(2026, 1, 1) });
        await act.Should().ThrowAsync<Exception>();
    }

    private static ApiKeyRow NewKey(Guid account, byte[]? hash = null) => new()
    {
        Id = Guid.CreateVersion7(),
        AccountId = account,
        Name = "key",
        Sha256 = hash ?? [.. Guid.NewGuid().ToByteArray(), .. Guid.NewGuid().ToByteArray()],
        Prefix = "sk-abcd…wxyz",
        CreatedAt = Noon,
    };

    private static LedgerEntryRow NewEntry(Guid account, long sequence, LedgerKind kind, Guid? call = null, string? key = null) => new()
    {
        AccountId = account,
        Sequence = sequence,
        Id = Guid.CreateVersion7(),
        Kind = kind,
        Amount = 1,
        BalanceAfter = sequence,
        RequestId = call,
        IdempotencyKey = key,
        CreatedAt = Noon,
    };

    private async Task<Guid> AddAccountAsync()
    {
        var account = new AccountRow { Id = Guid.CreateVersion7(), Name = "test", CreatedAt = Noon };
        await AddAsync(account);
        return account.Id;
    }

    private async Task AddAsync(params object[] rows)
    {
        await using var context = NewContext();
        context.AddRange(rows);
        await context.SaveChangesAsync();
    }

    private static UsageDailyRow Day(Guid account, Guid key, string day, string model, long charged) => new()
    {
        Day = DateOnly.ParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        AccountId = account,
        KeyId = key,
        Model = model,
        Requests = 1,
        PromptTokens = 0,
        CachedTokens = 0,
        CacheWriteTokens = 0,
        CompletionTokens = 0,
        ReasoningTokens = 0,
        Cost = charged,
        Charged = charged,
    };

    private async Task<Dictionary<string, long>> SpendAsync(Guid account, Guid key)
    {
        await using var context = NewContext();
        return await context.UsageSpend.Where(spend => spend.AccountId == account && spend.KeyId == key).ToDictionaryAsync(spend => spend.Period, spend => spend.Charged);
    }

    private sealed class Contexts(Func<GatewayDbContext> create) : IDbContextFactory<GatewayDbContext>
    {
        public GatewayDbContext CreateDbContext() => create();
    }
}
