using System.Diagnostics;
using Microsoft.Data.Sqlite;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class GracefulStopTests
{
    [Fact]
    public async Task Stop_WhileStreamsRun_LetsThemEndAndTakesNoNewOnes()
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync();
        var callers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=3+stall=1:1000", stream: true));
            await caller.ReadUntilAsync("\"finish_reason\":");
            return caller;
        }));

        var stop = gateway.StopAsync();
        await Eventually.TrueAsync(() => RefusesAsync(account), "no new calls");
        await Task.WhenAll(callers.Select(caller => caller.ReadUntilAsync("data: [DONE]\n\n")));
        await stop;

        (await RecordsAsync(gateway)).Should().Equal(Enumerable.Repeat((Status: 1L, Source: 1L), 10), "all of them completed, with the reported usage");
    }

    [Fact]
    public async Task Stop_LongerThanItsTime_CutsCallsOffAndRecordsThem()
    {
        await using var gateway = await TestGateway.StartAsync("ShutdownTimeout=00:00:00.5");
        var account = await gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=3+stall=2:3600000", stream: true));
        await caller.ReadUntilAsync("\"finish_reason\":", 2);
        var clock = Stopwatch.StartNew();

        await gateway.StopAsync();

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(8));
        caller.Received.Should().NotContain("[DONE]");
        (await RecordsAsync(gateway)).Should().Equal((Status: 2L, Source: 2L));
    }

    private static async Task<bool> RefusesAsync(TestAccount account)
    {
        try
        {
            using var client = account.Gateway.NewClient(account.Key);
            using var content = new StringContent(Calls.ChatBody("late"), null, "application/json");
            using var response = await client.PostAsync(new Uri(Calls.ChatPath, UriKind.Relative), content);
            return response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    private static async Task<List<(long Status, long Source)>> RecordsAsync(TestGateway gateway)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(gateway.DataPath, "mixgateway.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT status, usage_source FROM usage_records WHERE model <> 'sim:late'";
        await using var reader = await command.ExecuteReaderAsync();
        List<(long, long)> records = [];
        while (await reader.ReadAsync())
        {
            records.Add((reader.GetInt64(0), reader.GetInt64(1)));
        }

        return records;
    }
}
