using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>
/// The whole gateway in this process, on a free port, with a simulator as its provider <c>sim</c> and stores of its own.
/// Its prices are 1 (input), 0.1 (cached) and 2 (output) per million tokens, so that costs can be worked out by heart.
/// </summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string AdminToken = "test-admin-token-0123456789";

    /// <summary>Of every gateway under test, so that replicas and restarts share it.</summary>
    public const string MasterKey = "test-master-key-0123456789-0123456789";

    private readonly WebApplication _application;

    private TestGateway(WebApplication application, SimulatorServer upstream, string dataPath)
    {
        _application = application;
        DataPath = dataPath;
        Upstream = upstream;
        Address = new Uri(application.Urls.First());
        Client = NewClient();
        Admin = NewClient();
        Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken);
    }

    public SimulatorServer Upstream { get; }

    public Uri Address { get; }

    /// <summary>Without a key.</summary>
    public HttpClient Client { get; }

    /// <summary>With the administrator's token.</summary>
    public HttpClient Admin { get; }

    /// <summary>The folder of its files.</summary>
    public string DataPath { get; }

    public IServiceProvider Services => _application.Services;

    /// <summary>Starts a gateway on SQLite, unless the settings name a PostgreSQL.</summary>
    /// <param name="settings">As on the command line: <c>Limits:MaxRequestBody=1000</c>.</param>
    public static Task<TestGateway> StartAsync(params string[] settings) => StartWithAsync(_ => settings);

    /// <summary>Starts a gateway with settings that are made when the simulator's addresses are known.</summary>
    /// <param name="change">Changes its services; null changes none.</param>
    public static async Task<TestGateway> StartWithAsync(Func<SimulatorServer, string[]> settings, Action<IServiceCollection>? change = null)
    {
        var upstream = await SimulatorServer.StartAsync();
        var dataPath = Directory.CreateTempSubdirectory("mixgateway-test-").FullName;
        await EmbeddedTemplate.CopyToAsync(dataPath);
        string[] defaults =
        [
            "--environment=Production",
            "--urls=http://127.0.0.1:0",
            $"--Data:Path={dataPath}",
            $"--Bootstrap:AdminToken={AdminToken}",
            $"--Security:MasterKey={MasterKey}",
            "--Serilog:MinimumLevel:Default=Fatal",
            $"--Providers:sim:BaseUrl={upstream.BaseAddress}",
            "--Providers:sim:ApiKey=upstream-secret-0123456789",
            "--Providers:sim:Models:*:InputPrice=1",
            "--Providers:sim:Models:*:CachedInputPrice=0.1",
            "--Providers:sim:Models:*:OutputPrice=2",
            "--Providers:sim:OnDisconnect=Cancel",
        ];
        var application = await Program.CreateAsync([.. defaults, .. settings(upstream).Select(static setting => "--" + setting)], change ?? (static _ => { }));
        await application.StartAsync();
        return new TestGateway(application, upstream, dataPath);
    }

    /// <summary>A client of its own connections; compression off, no redirects.</summary>
    public HttpClient NewClient(string? key = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(1) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>An account with credit and one key.</summary>
    public async Task<TestAccount> CreateAccountAsync(string credit = "10", object? key = null)
    {
        var account = await PostAsync("/api/v1/accounts", new { name = "Test" });
        var id = account.GetProperty("id").GetGuid();
        if (credit != "0")
        {
            await PostAsync($"/api/v1/accounts/{id}/credits", new { amount = credit, note = "test", idempotencyKey = Guid.NewGuid().ToString() });
        }

        var created = await PostAsync($"/api/v1/accounts/{id}/keys", key ?? new { name = "test" });
        return new TestAccount(this, id, created.GetProperty("id").GetGuid(), created.GetProperty("key").GetString()!);
    }

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await Admin.PostAsJsonAsync(path, body);
        response.IsSuccessStatusCode.Should().BeTrue("{0} answered {1}: {2}", path, response.StatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public Task<JsonElement> GetAsync(string path) => Admin.GetFromJsonAsync<JsonElement>(path);

    /// <summary>The usage record of a call; null if there is none.</summary>
    public async Task<JsonElement?> FindUsageAsync(string requestId)
    {
        using var response = await Admin.GetAsync(new Uri($"/api/v1/usage/{requestId}", UriKind.Relative));
        return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonElement>() : null;
    }

    /// <summary>Stops it as SIGTERM does; its files stay.</summary>
    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Admin.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        await Upstream.DisposeAsync();
        Directory.Delete(DataPath, recursive: true);
    }
}

/// <summary>An account made for a test.</summary>
internal sealed record TestAccount(TestGateway Gateway, Guid Id, Guid KeyId, string Key)
{
    public async Task<JsonElement> ReadAsync() => await Gateway.GetAsync($"/api/v1/accounts/{Id}");

    public async Task<IReadOnlyList<JsonElement>> UsageAsync() => [.. (await Gateway.GetAsync($"/api/v1/accounts/{Id}/usage?limit=500")).GetProperty("data").EnumerateArray()];

    /// <summary>Its records once so many calls are booked; what the caller has seen end is durable, and in the database soon after.</summary>
    public Task<IReadOnlyList<JsonElement>> UsageAsync(int calls) =>
        Eventually.GetAsync(async () => await UsageAsync() is { } records && records.Count >= calls ? records : null, $"{calls} records");

    public async Task<IReadOnlyList<JsonElement>> LedgerAsync() => [.. (await Gateway.GetAsync($"/api/v1/accounts/{Id}/ledger?limit=500")).GetProperty("data").EnumerateArray()];
}
