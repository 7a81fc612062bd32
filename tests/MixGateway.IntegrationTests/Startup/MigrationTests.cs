using MixGateway.IntegrationTests.Fixtures;
using Npgsql;

namespace MixGateway.IntegrationTests.Startup;

/// <summary><c>--migrate</c>, alone, beside itself, and with a database that is ahead.</summary>
public sealed class MigrationTests
{
    private const string Future = "29990101000000_FromTheFuture";

    [Fact]
    public async Task Migrate_TwoAtOnce_BothEndWellAndTheTablesAreThereOnce()
    {
        using var folder = new StartupFolder();
        var database = await NewDatabaseAsync();

        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => folder.RunAsync($"--ConnectionStrings:Postgres={database}", "--migrate")));

        runs.Should().OnlyContain(static run => run.ExitCode == 0);
        (await ReadAsync(database, "SELECT count(*) - count(DISTINCT \"MigrationId\") FROM \"__EFMigrationsHistory\"")).Should().Be(0L);
        (await ReadAsync(database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")).Should().Be(0L);
    }

    [Fact]
    public async Task Migrate_DatabaseOfANewerVersion_IsRefusedInWords()
    {
        using var folder = new StartupFolder();
        var database = await PostgresDatabase.CreateAsync();
        await ExecuteAsync(database, $"INSERT INTO \"__EFMigrationsHistory\" VALUES ('{Future}', '99.0.0')");

        var (exitCode, output) = await folder.RunAsync($"--ConnectionStrings:Postgres={database}", "--migrate");

        exitCode.Should().Be(1, output);
        output.Should().ContainAll(Future, "newer version").And.NotContain("   at ");
    }

    [Fact]
    public async Task Start_OnADatabaseOfANewerVersion_WorksAndSaysSo()
    {
        using var folder = new StartupFolder();
        var database = await PostgresDatabase.CreateAsync();
        await ExecuteAsync(database, $"INSERT INTO \"__EFMigrationsHistory\" VALUES ('{Future}', '99.0.0')");
        await using var gateway = folder.Start("Production", $"--ConnectionStrings:Postgres={database}");

        await gateway.AddressAsync();

        gateway.Output.Should().Contain("NewerDatabase", "replicas of the old version run on while the new one comes");
    }

    [Fact]
    public async Task Migrate_AnEmptyDatabase_LogsNothingThatLooksLikeAFault()
    {
        using var folder = new StartupFolder();

        var (exitCode, output) = await folder.RunAsync($"--ConnectionStrings:Postgres={await NewDatabaseAsync()}", "--migrate");

        exitCode.Should().Be(0, output);
        output.Should().NotContainAny("\"@l\":\"Error\"", "\"@l\":\"Warning\"", "does not exist", "   at ");
    }

    [Fact]
    public async Task Migrate_DatabaseWithATableOfSomebodyElses_FailsAndSaysWhy()
    {
        using var folder = new StartupFolder();
        var database = await NewDatabaseAsync();
        await ExecuteAsync(database, "CREATE TABLE accounts (ours integer)");

        var (exitCode, output) = await folder.RunAsync($"--ConnectionStrings:Postgres={database}", "--migrate");

        exitCode.Should().Be(1, output);
        output.Should().ContainAll("ConnectionStrings:Postgres", "\"accounts\" already exists", "\"@l\":\"Error\"");
    }

    private static async Task<string> NewDatabaseAsync()
    {
        var server = await PostgresServer.SharedAsync();
        var name = $"migrate_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name);
        return server.ConnectionString(name);
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ReadAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
