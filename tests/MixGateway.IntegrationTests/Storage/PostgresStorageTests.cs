using Microsoft.EntityFrameworkCore;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;
using MixGateway.Tests.Storage;
using MixGateway.Tests.Usage;
using Npgsql;

namespace MixGateway.IntegrationTests.Storage;

public sealed class PostgresStorageTests : StorageContract, IAsyncLifetime
{
    private PostgresStorage _storage = null!;

    public async Task InitializeAsync() => _storage = new PostgresStorage(await PostgresDatabase.CreateAsync());

    public async Task DisposeAsync() => await _storage.DisposeAsync();

    [Fact]
    public async Task Migrator_ManyReplicasAtOnce_AllFindTheDatabaseReady()
    {
        var server = await PostgresServer.SharedAsync();
        var name = $"t_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostgresDatabase.MigrateAsync(server.ConnectionString(name))));

        await using var storage = new PostgresStorage(server.ConnectionString(name));
        await using var context = storage.NewContext();
        (await context.Database.GetPendingMigrationsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Partitions_AfterMigration_ReachThreeMonthsAhead()
    {
        var now = DateTime.UtcNow;
        var months = Enumerable.Range(-1, 5).Select(i => now.AddMonths(i)).Select(month => $"usage_records_y{month.Year:0000}m{month.Month:00}");

        (await PartitionsAsync()).Should().BeEquivalentTo([.. months, "usage_records_default"]);
    }

    [Fact]
    public async Task Record_OfAKnownMonth_GoesIntoItsPartition()
    {
        await AddRecordAsync(DateTime.UtcNow);
        (await CountAsync("usage_records")).Should().Be(1);
        (await CountAsync("usage_records_default")).Should().Be(0);
    }

    [Fact]
    public async Task Partitions_MonthWithRecordsInTheDefault_TakesThemOver()
    {
        var now = DateTime.UtcNow;
        var partition = $"usage_records_y{now.Year:0000}m{now.Month:00}";
        await ExecuteAsync($"DROP TABLE {partition}");
        await AddRecordAsync(now);
        await AddRecordAsync(now.AddYears(2));
        (await CountAsync("usage_records_default")).Should().Be(2);

        await MigrateAgainAsync();

        (await CountAsync("usage_records_default")).Should().Be(1);
        (await CountAsync(partition)).Should().Be(1);
        (await CountAsync("usage_records")).Should().Be(2);
        (await PartitionsAsync()).Should().Contain(partition);
    }

    [Fact]
    public async Task Partitions_TableBusyForLong_AreLeftForTheNextTime()
    {
        var now = DateTime.UtcNow;
        var partition = $"usage_records_y{now.Year:0000}m{now.Month:00}";
        await ExecuteAsync($"DROP TABLE {partition}");
        await using (var reader = await _storage.DataSource.OpenConnectionAsync())
        {
            await using var reading = await reader.BeginTransactionAsync();
            await using var query = new NpgsqlCommand("SELECT count(*) FROM usage_records", reader, reading);
            await query.ExecuteScalarAsync();

            await MigrateAgainAsync();

            (await PartitionsAsync()).Should().NotContain(partition);
        }

        await MigrateAgainAsync();
        (await PartitionsAsync()).Should().Contain(partition);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=gateway;Username=me;Password=secret-1", "gateway at 127.0.0.1:1")]
    [InlineData("Host=nowhere.invalid;Database=gateway;Username=me;Password=secret-1", "nowhere.invalid")]
    public async Task Migrator_DatabaseThatIsNotThere_NamesTheSettingAndNotThePassword(string connectionString, string part)
    {
        await using var storage = new PostgresStorage(connectionString);
        var act = storage.MigrateAsync;
        (await act.Should().ThrowAsync<DatabaseRefusedException>()).Which.ToString().Should()
            .Contain("ConnectionStrings:Postgres").And.Contain(part).And.NotContain("secret");
    }

    [Fact]
    public async Task Migrator_DatabaseThatDoesNotExist_SaysSo()
    {
        var server = await PostgresServer.SharedAsync();
        await using var storage = new PostgresStorage(server.ConnectionString("nothing_here") + ";Password=secret-1");
        var act = storage.MigrateAsync;
        (await act.Should().ThrowAsync<DatabaseRefusedException>()).Which.ToString().Should()
            .Contain("\"nothing_here\" does not exist").And.NotContain("secret");
    }

    private protected override GatewayDbContext NewContext() => _storage.NewContext();

    private protected override Task MigrateAgainAsync() => _storage.MigrateAsync();

    private async Task AddRecordAsync(DateTime startedAt)
    {
        await using var context = NewContext();
        context.UsageRecords.Add(UsageRecordRow.Of(BooksBench.Record(Guid.CreateVersion7(), 1, startedAt), default, startedAt));
        await context.SaveChangesAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _storage.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> CountAsync(string table)
    {
        await using var command = _storage.DataSource.CreateCommand($"SELECT count(*) FROM {table}");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<List<string>> PartitionsAsync()
    {
        await using var command = _storage.DataSource.CreateCommand("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'usage_records'::regclass");
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
