using System.Net;
using Microsoft.Data.Sqlite;
using MixGateway.IntegrationTests.Fixtures;
using Npgsql;

namespace MixGateway.IntegrationTests.Usage;

/// <summary>A record that the database will never take is put aside, and its call holds nothing from then on.</summary>
public sealed class RejectedRecordTests
{
    /// <summary>The answer's tokens that the databases of these tests refuse.</summary>
    private const int Refused = 7;

    [Fact]
    public async Task Record_ThatSqliteRefuses_IsPutAsideAndHoldsNothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync();
        await using var database = new SqliteConnection($"Data Source={Path.Combine(gateway.DataPath, "mixgateway.db")}");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = $"CREATE TRIGGER refuse BEFORE INSERT ON usage_records WHEN NEW.completion_tokens = {Refused} BEGIN SELECT RAISE(ABORT, 'refused by the test'); END";
        await command.ExecuteNonQueryAsync();

        using var answer = await account.ChatAsync($"x+chunks={Refused}");

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, "the end of an answer that is not on the books is not given out");
        await ShouldHoldNothingAsync(gateway, account);
        command.CommandText = "SELECT count(*) FROM rejected_events";
        (await command.ExecuteScalarAsync()).Should().Be(1L);
    }

    [Fact]
    public async Task Record_ThatPostgresRefusesOfASettledCall_IsPutAsideAndHoldsNothing()
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var account = await gateway.CreateAccountAsync();
        await using var database = NpgsqlDataSource.Create(set.Postgres!);
        await using (var refuse = database.CreateCommand($"ALTER TABLE usage_records ADD CONSTRAINT refuse CHECK (completion_tokens <> {Refused})"))
        {
            await refuse.ExecuteNonQueryAsync();
        }

        using var answer = await account.ChatAsync($"x+chunks={Refused}");

        answer.StatusCode.Should().Be(HttpStatusCode.OK, "a durable hot store had it");
        await ShouldHoldNothingAsync(gateway, account);
        await using var aside = database.CreateCommand("SELECT count(*) FROM rejected_events");
        (await aside.ExecuteScalarAsync()).Should().Be(1L);
    }

    private static async Task ShouldHoldNothingAsync(TestGateway gateway, TestAccount account)
    {
        await Eventually.TrueAsync(
            async () => (await gateway.GetAsync("/api/v1/calls")).GetProperty("data").GetArrayLength() == 0, "the call is out of the hot store");
        (await account.ReadAsync()).GetProperty("held").GetString().Should().Be("0");
        await account.ShouldAddUpAsync();
    }
}
