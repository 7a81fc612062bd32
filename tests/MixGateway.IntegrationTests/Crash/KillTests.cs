using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;
using Xunit.Abstractions;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>The embedded gateway is killed under load, again and again on the same data: no answer that ended is without its bill.</summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Set it to repeat a run; without it every run takes a seed of its own and prints it.</summary>
    private const string SeedVariable = "MIXGATEWAY_CRASH_SEED";

    private const string AdminToken = "crash-admin-token-0123456789";
    /// <summary>How many rounds to run, for a longer search than a test run has time for.</summary>
    private const string RoundsVariable = "MIXGATEWAY_CRASH_ROUNDS";

    private const int DefaultRounds = 8;
    private const int Callers = 8;

    private readonly string _data = Directory.CreateTempSubdirectory("mixgateway-crash-").FullName;
    private SimulatorServer? _upstream;

    private SimulatorServer Upstream => _upstream!;

    public async Task InitializeAsync() => _upstream = await SimulatorServer.StartAsync(new SimulatorOptions { RecordedRequests = 0 });

    public async Task DisposeAsync()
    {
        await Upstream.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Gateway_KilledUnderLoadAgainAndAgain_HasEveryEndedAnswerOnTheBooksOnce()
    {
        var seed = Setting(SeedVariable) ?? Random.Shared.Next();
        var rounds = Setting(RoundsVariable) ?? DefaultRounds;
        output.WriteLine($"{SeedVariable}={seed.ToString(CultureInfo.InvariantCulture)}");
        var random = new Random(seed);
        var callers = new CrashCallers(await CreateAccountsAsync());

        for (var round = 1; round <= rounds; round++)
        {
            await KillUnderLoadAsync(callers, random);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{callers.Ended.Count} answers ended, {callers.CutOff} were cut off, {callers.Refused} were refused."));
        callers.Ended.Count.Should().BeGreaterThan(rounds * Callers, "a test without load shows nothing (seed {0})", seed);
        await VerifyAsync(callers, seed);
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private async Task KillUnderLoadAsync(CrashCallers callers, Random random)
    {
        await using var gateway = StartGateway();
        var address = await gateway.AddressAsync();
        var enough = Upstream.State.Calls + random.Next(Callers, 120);
        var running = callers.RunAsync(address, Callers, random);

        // A random number of calls and then a random moment, so that the kill hits every stage of a call on a fast machine and on a slow one.
        var loaded = Upstream.State.WaitForAsync(state => state.Calls >= enough, TimeSpan.FromSeconds(30));
        await await Task.WhenAny(loaded, running);
        await Scenario.LastsAsync(TimeSpan.FromMilliseconds(random.Next(1, 13)));
        await gateway.KillAsync();
        await running;
    }

    private async Task VerifyAsync(CrashCallers callers, int seed)
    {
        await using var gateway = StartGateway();
        using var admin = GatewayProcess.Client(await gateway.AddressAsync(), AdminToken);
        foreach (var ended in callers.Ended.GroupBy(static answer => answer.Account))
        {
            var books = await BooksOfAccount.ReadAsync(admin, ended.Key);
            books.ShouldAddUp();
            var records = books.Records.ToDictionary(BooksOfAccount.IdOf);
            foreach (var answer in ended)
            {
                records.Should().ContainKey(answer.RequestId, "its caller saw it end (seed {0})", seed);
                Bill(records[answer.RequestId]).Should().Be(
                    ("completed", answer.Call.Stream, "reported", answer.Call.Prompt, answer.Call.Cached, answer.Call.Completion, answer.Call.Cost, answer.Call.Cost),
                    "that is what {0} used (seed {1})", answer.RequestId, seed);
            }
        }
    }

    private static (string? Status, bool Stream, string? Source, long Prompt, long Cached, long Completion, decimal Cost, decimal Charged) Bill(JsonElement record) => (
        record.GetProperty("status").GetString(),
        record.GetProperty("stream").GetBoolean(),
        record.GetProperty("usageSource").GetString(),
        record.GetProperty("promptTokens").GetInt64(),
        record.GetProperty("cachedTokens").GetInt64(),
        record.GetProperty("completionTokens").GetInt64(),
        BooksOfAccount.Amount(record, "cost"),
        BooksOfAccount.Amount(record, "charged"));

    private async Task<IReadOnlyList<CrashAccount>> CreateAccountsAsync()
    {
        await using var gateway = StartGateway();
        using var admin = GatewayProcess.Client(await gateway.AddressAsync(), AdminToken);
        List<CrashAccount> accounts = [];
        for (var i = 0; i < 3; i++)
        {
            var id = (await PostAsync(admin, "/api/v1/accounts", new { name = $"Crash {i}" })).GetProperty("id").GetGuid();
            await PostAsync(admin, $"/api/v1/accounts/{id}/credits", new { amount = "1000", note = "crash test", idempotencyKey = "first" });
            accounts.Add(new CrashAccount(id, (await PostAsync(admin, $"/api/v1/accounts/{id}/keys", new { name = "crash" })).GetProperty("key").GetString()!));
        }

        return accounts;
    }

    private static async Task<JsonElement> PostAsync(HttpClient admin, string path, object body)
    {
        using var response = await admin.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private GatewayProcess StartGateway() => GatewayProcess.Start(
        "Production",
        $"--Data:Path={_data}",
        $"--Bootstrap:AdminToken={AdminToken}",
        $"--Providers:sim:BaseUrl={Upstream.BaseAddress}",
        "--Providers:sim:Models:*:InputPrice=1",
        "--Providers:sim:Models:*:CachedInputPrice=0.1",
        "--Providers:sim:Models:*:OutputPrice=2",
        "--Providers:sim:OnDisconnect=Cancel");
}
