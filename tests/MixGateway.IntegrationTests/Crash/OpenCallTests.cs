using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>What becomes of the calls that run when an embedded gateway is killed.</summary>
public sealed class OpenCallTests : IAsyncLifetime
{
    private const string AdminToken = "crash-admin-token-0123456789";

    private readonly string _data = Directory.CreateTempSubdirectory("mixgateway-open-calls-").FullName;
    private SimulatorServer? _upstream;

    public async Task InitializeAsync() => _upstream = await SimulatorServer.StartAsync(new SimulatorOptions { RecordedRequests = 0 });

    public async Task DisposeAsync()
    {
        await _upstream!.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Calls_OfAKilledGateway_AreAbandonedOnceWithWhatTheirLastHeartbeatCounted()
    {
        Guid account;
        string ended, delivered, silent;
        await using (var gateway = StartGateway("--Quotas:Heartbeat=00:00:00.2"))
        {
            (account, var caller) = await CreateAccountAsync(gateway);
            using (caller)
            {
                using var whole = await PostAsync(caller, "sim");
                ended = whole.RequestId();
                await whole.Content.ReadAsStringAsync();
                using var stream = await PostAsync(caller, "sim+chunks=3+stall=1:3600000");
                delivered = stream.RequestId();
                var hanging = PostAsync(caller, "sim+hang=1");
                await Eventually.TrueAsync(async () => await OpenAsync() is { Count: 2 } open && open[0] == (delivered, true), "both calls, and the first one's heartbeat, are in the database");
                silent = (await OpenAsync())[1].RequestId;
                await gateway.KillAsync();
                await hanging.Invoking(task => task).Should().ThrowAsync<HttpRequestException>();
            }
        }

        for (var start = 0; start < 2; start++)
        {
            await using var gateway = StartGateway();
            var books = await ReadAsync(gateway, account);
            books.ShouldAddUp();
            var records = books.Records.ToDictionary(BooksOfAccount.IdOf);
            records.Keys.Should().BeEquivalentTo([ended, silent, delivered]);
            BillOf(records[ended]).Status.Should().Be("completed");
            BillOf(records[silent]).Should().Be(("abandoned", "none", 0m, 0m));
            var bill = BillOf(records[delivered]);
            (bill.Status, bill.Source).Should().Be(("abandoned", "estimated"));
            bill.Cost.Should().BePositive().And.Be(bill.Charged);
            (await OpenAsync()).Should().BeEmpty();
            await gateway.KillAsync();
        }
    }

    [Fact]
    public async Task OpenCall_ThatHasItsRecord_IsForgottenAtStart()
    {
        Guid account;
        string ended;
        await using (var gateway = StartGateway())
        {
            (account, var caller) = await CreateAccountAsync(gateway);
            using (caller)
            {
                using var stream = await PostAsync(caller, "sim+chunks=2+stall=1:800");
                ended = stream.RequestId();
                await Eventually.TrueAsync(async () => (await OpenAsync()).Count == 1, "the call is in the database");
                await ExecuteAsync("CREATE TABLE kept AS SELECT * FROM open_calls");
                (await stream.Content.ReadAsStringAsync()).Should().Contain("[DONE]");
                await Eventually.TrueAsync(async () => (await OpenAsync()).Count == 0, "the call is out of the database");
                await gateway.KillAsync();
            }
        }

        // As if the gateway had died between the booking and the removal.
        await ExecuteAsync("INSERT INTO open_calls SELECT * FROM kept");
        await using var next = StartGateway();
        var books = await ReadAsync(next, account);

        books.ShouldAddUp();
        var record = books.Records.Should().ContainSingle().Subject;
        (BooksOfAccount.IdOf(record), BillOf(record).Status).Should().Be((ended, "completed"));
        (await OpenAsync()).Should().BeEmpty();
    }

    private static async Task<(Guid Account, HttpClient Caller)> CreateAccountAsync(GatewayProcess gateway)
    {
        var address = await gateway.AddressAsync();
        using var admin = GatewayProcess.Client(address, AdminToken);
        var account = (await CreateAsync(admin, "/api/v1/accounts", new { name = "Crash" })).GetProperty("id").GetGuid();
        await CreateAsync(admin, $"/api/v1/accounts/{account}/credits", new { amount = "10", note = "test", idempotencyKey = "first" });
        var key = (await CreateAsync(admin, $"/api/v1/accounts/{account}/keys", new { name = "crash" })).GetProperty("key").GetString()!;
        return (account, GatewayProcess.Client(address, key));
    }

    private static async Task<JsonElement> CreateAsync(HttpClient admin, string path, object body)
    {
        using var response = await admin.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient caller, string script)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.ChatPath)
        {
            Content = new StringContent(Calls.ChatBody(script, stream: true), Encoding.UTF8, "application/json"),
        };
        return await caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<BooksOfAccount> ReadAsync(GatewayProcess gateway, Guid account)
    {
        using var admin = GatewayProcess.Client(await gateway.AddressAsync(), AdminToken);
        return await BooksOfAccount.ReadAsync(admin, account);
    }

    private static (string? Status, string? Source, decimal Cost, decimal Charged) BillOf(JsonElement record) => (
        record.GetProperty("status").GetString(),
        record.GetProperty("usageSource").GetString(),
        BooksOfAccount.Amount(record, "cost"),
        BooksOfAccount.Amount(record, "charged"));

    /// <summary>What the database has of calls that run, in the order of their start, and whether it says that they cost something.</summary>
    private async Task<List<(string RequestId, bool Costs)>> OpenAsync()
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT request_id, record FROM open_calls ORDER BY request_id";
        await using var reader = await command.ExecuteReaderAsync();
        List<(string, bool)> open = [];
        while (await reader.ReadAsync())
        {
            // The first byte names the format.
            var record = JsonSerializer.Deserialize<JsonElement>(reader.GetFieldValue<byte[]>(1).AsSpan(1));
            open.Add((reader.GetGuid(0).ToString(), record.GetProperty("Cost").GetString() != "0"));
        }

        return open;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<SqliteConnection> ConnectAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_data, "mixgateway.db")};Pooling=False;Default Timeout=5");
        await connection.OpenAsync();
        return connection;
    }

    private GatewayProcess StartGateway(params string[] settings) => GatewayProcess.Start(
        "Production",
        [
            $"--Data:Path={_data}",
            $"--Bootstrap:AdminToken={AdminToken}",
            $"--Providers:sim:BaseUrl={_upstream!.BaseAddress}",
            "--Providers:sim:Models:*:InputPrice=1",
            "--Providers:sim:Models:*:CachedInputPrice=0.1",
            "--Providers:sim:Models:*:OutputPrice=2",
                "--Providers:sim:OnDisconnect=Cancel",
            .. settings,
        ]);
}
