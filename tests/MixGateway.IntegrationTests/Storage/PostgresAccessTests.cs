using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using Npgsql;

namespace MixGateway.IntegrationTests.Storage;

/// <summary>PostgreSQL as operators have it: behind a pooler, with few connections, with a time-out on statements.</summary>
public sealed class PostgresAccessTests
{
    [Fact]
    public async Task PgBouncer_InTransactionMode_ServesAGatewayFromItsFirstMigrationOn()
    {
        var server = await PostgresServer.SharedAsync();
        var name = $"pooled_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name);
        await using var pooler = await PgBouncer.StartAsync(server.ConnectionString(name), connections: 4);
        var pooled = pooler.ConnectionString(server.ConnectionString(name));
        // Two that start at once, so that one waits for the other's migration, with a lock that must not stay on a pooled session.
        var both = await Task.WhenAll(StartedAsync(), StartedAsync());
        await PostgresDatabase.MigrateAsync(pooled);
        Settings(both[0]).MaxAutoPrepare.Should().Be(0, "a pooler is noticed");

        await using var gateway = await TestGateway.StartAsync($"ConnectionStrings:Postgres={pooled}");
        Settings(gateway).MaxAutoPrepare.Should().Be(0);
        var account = await gateway.CreateAccountAsync();
        await CallAsync(account, 100);
        await account.ShouldAddUpAsync();
        (await account.UsageAsync()).Should().HaveCount(100);
        foreach (var storage in both)
        {
            await storage.DisposeAsync();
        }

        async Task<PostgresStorage> StartedAsync()
        {
            var storage = new PostgresStorage(pooled);
            await storage.MigrateAsync();
            return storage;
        }
    }

    [Fact]
    public async Task Role_WithFewConnections_IsNotAskedForMore()
    {
        var database = await PostgresDatabase.CreateAsync();
        var role = $"few_{Guid.NewGuid():N}";
        await ExecuteAsync(database, $"CREATE ROLE {role} LOGIN CONNECTION LIMIT 10; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}");
        await using var gateway = await TestGateway.StartAsync($"ConnectionStrings:Postgres={new NpgsqlConnectionStringBuilder(database) { Username = role }.ConnectionString}");

        Settings(gateway).MaxPoolSize.Should().Be(8);
        var accounts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => gateway.CreateAccountAsync()));
        await Task.WhenAll(accounts.Select(static account => CallAsync(account, 20)));
    }

    [Fact]
    public async Task Statement_ThatTheServerCutsOff_Is503AndNot500()
    {
        var database = await PostgresDatabase.CreateAsync();
        await using var gateway = await TestGateway.StartAsync($"ConnectionStrings:Postgres={database};Options=-c statement_timeout=200");
        var account = await gateway.CreateAccountAsync();
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"SELECT 1 FROM accounts WHERE id = '{account.Id}' FOR UPDATE", connection, transaction);
        await command.ExecuteScalarAsync();

        using var credit = await gateway.Admin.PostAsJsonAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "1", note = "waits", idempotencyKey = "waits" });
        using var change = await gateway.Admin.PatchAsJsonAsync($"/api/v1/accounts/{account.Id}", new { name = "waits" });

        (credit.StatusCode, change.StatusCode).Should().Be((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable));
        await transaction.RollbackAsync();
        using var again = await gateway.Admin.PostAsJsonAsync($"/api/v1/accounts/{account.Id}/credits", new { amount = "1", note = "waits", idempotencyKey = "waits" });
        again.IsSuccessStatusCode.Should().BeTrue();
    }

    private static NpgsqlConnectionStringBuilder Settings(TestGateway gateway) => new(gateway.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

    private static NpgsqlConnectionStringBuilder Settings(PostgresStorage storage) => new(storage.DataSource.ConnectionString);

    private static Task CallAsync(TestAccount account, int calls) => Parallel.ForAsync(0, calls, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
    {
        using var answer = await account.ChatAsync("sim");
        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(CancellationToken.None));
    });

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
