using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Tests.Usage;
using MixGateway.Usage.Retention;
using Npgsql;

namespace MixGateway.IntegrationTests.Usage;

/// <summary>Its database sessions are in a time zone that is no whole number of hours from UTC, where the bounds of a month read differently.</summary>
public sealed class PostgresRetentionTests : RetentionContract, IAsyncLifetime
{
    private PostgresStorage _storage = null!;
    private ExpiredMonths _mode = ExpiredMonths.Drop;

    private protected override BooksBench Books => _storage.Bench;

    private protected override IExpiredRecords Records => new PostgresExpiredRecords(
        _storage.DataSource, Options.Create(new UsageRetentionOptions { ExpiredMonths = _mode }), NullLogger<PostgresExpiredRecords>.Instance);

    public async Task InitializeAsync() => _storage = new PostgresStorage(await PostgresDatabase.CreateAsync() + ";Timezone=Asia/Kathmandu");

    public async Task DisposeAsync() => await _storage.DisposeAsync();

    [Fact]
    public async Task Clear_Detach_LeavesTheMonthsAsTables()
    {
        _mode = ExpiredMonths.Detach;
        var (account, _) = await SeedAsync();

        await Bench.ClearAsync(RetentionBench.FortyDays);

        (await ScalarAsync("SELECT count(*) FROM usage_records_y2026m05")).Should().Be(3L);
        (await Books.RecordsAsync(account)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Clear_MonthsDropped_AreGoneWithTheirTables()
    {
        await SeedAsync();
        await Bench.ClearAsync(RetentionBench.FortyDays);
        (await ScalarAsync("SELECT to_regclass('usage_records_y2026m05') IS NULL AND to_regclass('usage_records_y2026m07') IS NOT NULL")).Should().Be(true);
    }

    [Fact]
    public async Task Clear_TableThatIsBeingRead_WaitsForTheNextRoundAndLosesNothing()
    {
        var (account, _) = await SeedAsync();
        await using (var reader = await _storage.DataSource.OpenConnectionAsync())
        {
            await using var reading = await reader.BeginTransactionAsync();
            await using var query = new NpgsqlCommand("SELECT count(*) FROM usage_records", reader, reading);
            await query.ExecuteScalarAsync();
            await Bench.ClearAsync(RetentionBench.FortyDays);
        }

        (await Books.RecordsAsync(account)).Should().HaveCount(6);
        (await Books.LedgerAsync(account)).Should().HaveCount(8, "the ledger follows the records");
        (await Bench.DriftsAsync(account)).Should().BeEmpty();
        await Bench.ClearAsync(RetentionBench.FortyDays);
        (await Books.RecordsAsync(account)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Clear_RecordsWithoutAMonth_GoToo()
    {
        var account = await Books.NewAccountAsync(1_000);
        await Bench.BookAsync(account, "2026-02-03", 4);
        await Bench.ClearAsync(RetentionBench.FortyDays);
        (await Books.RecordsAsync(account)).Should().BeEmpty();
        (await Bench.DriftsAsync(account)).Should().BeEmpty();
    }

    /// <summary>As operators do it without a retention, and undo it.</summary>
    [Fact]
    public async Task Reconcile_MonthDetachedAndAttachedAgain_IsNoDrift()
    {
        var (account, _) = await SeedAsync();
        await ExecuteAsync("ALTER TABLE usage_records DETACH PARTITION usage_records_y2026m05; ALTER TABLE usage_records DETACH PARTITION usage_records_y2026m07");
        (await Bench.DriftsAsync(account)).Should().BeEmpty();

        await ExecuteAsync("ALTER TABLE usage_records ATTACH PARTITION usage_records_y2026m05 FOR VALUES FROM ('2026-05-01 00:00+00') TO ('2026-06-01 00:00+00')");
        (await Bench.DriftsAsync(account)).Should().BeEmpty();

        await ExecuteAsync($"UPDATE usage_records SET charged = charged + 5 WHERE account_id = '{account}' AND started_at < '2026-06-01'");
        (await Bench.DriftsAsync(account)).Should().ContainSingle("a month that is back is compared again");
    }

    private protected override Task AddMonthAsync(DateTime month) => ExecuteAsync(
        $"CREATE TABLE IF NOT EXISTS usage_records_y{month:yyyy}m{month:MM} PARTITION OF usage_records FOR VALUES FROM ('{month:yyyy-MM-dd} 00:00:00+00') TO ('{month.AddMonths(1):yyyy-MM-dd} 00:00:00+00')");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _storage.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _storage.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
