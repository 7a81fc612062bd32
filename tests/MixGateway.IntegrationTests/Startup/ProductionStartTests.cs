using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Startup;

/// <summary>A gateway in Production says nothing secret, and stops without losing a call.</summary>
public sealed class ProductionStartTests
{
    private const string ProviderKey = "upstream-secret-5f1c2b9d";
    private const string Prompt = "the-prompt-is-nobodys-business";

    [Fact]
    public async Task Gateway_InProduction_PrintsNoSecretAndMakesNoAccount()
    {
        using var folder = new StartupFolder();
        await using var upstream = await SimulatorServer.StartAsync();
        await using var gateway = Start(folder, upstream);
        using var admin = GatewayProcess.Client(await gateway.AddressAsync(), StartupFolder.AdminToken);
        var accounts = await admin.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/accounts", UriKind.Relative));
        accounts.GetProperty("data").GetArrayLength().Should().Be(0);

        using var caller = await CallerAsync(gateway, admin);
        foreach (var model in new[] { "sim:echo", "sim:x+error=401+errorbody=leak", "sim:x+error=500+errorbody=html", "sim:x+reset=1", "other:x" })
        {
            using var answer = await PostAsync(caller, model, stream: false);
            await answer.Content.ReadAsStringAsync();
        }

        await gateway.TerminateAsync();
        (await gateway.ExitCodeAsync()).Should().Be(0);
        gateway.Output.Should().NotBeEmpty()
            .And.NotContain(ProviderKey).And.NotContain(StartupFolder.AdminToken).And.NotContain(Prompt)
            .And.NotContain(caller.DefaultRequestHeaders.Authorization!.Parameter);
    }

    [Fact]
    public async Task Sigterm_WhileAStreamRuns_LetsItEndAndKeepsItsRecord()
    {
        using var folder = new StartupFolder();
        await using var upstream = await SimulatorServer.StartAsync();
        string requestId;
        await using (var gateway = Start(folder, upstream))
        {
            using var admin = GatewayProcess.Client(await gateway.AddressAsync(), StartupFolder.AdminToken);
            using var caller = await CallerAsync(gateway, admin);
            using var answer = await PostAsync(caller, "sim:slow+chunks=60+delay=20", stream: true);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            (await reader.ReadLineAsync()).Should().StartWith("data: {");

            await gateway.TerminateAsync();
            var rest = await reader.ReadToEndAsync();

            rest.TrimEnd().Should().EndWith("data: [DONE]");
            (await gateway.ExitCodeAsync()).Should().Be(0);
            requestId = answer.Headers.GetValues("x-request-id").Single();
        }

        await using var next = Start(folder, upstream);
        using var reading = GatewayProcess.Client(await next.AddressAsync(), StartupFolder.AdminToken);
        var record = await reading.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/usage/{requestId}", UriKind.Relative));
        record.GetProperty("status").GetString().Should().Be("completed");
        record.GetProperty("completionTokens").GetInt64().Should().Be(60);
    }

    [Fact]
    public async Task Sigterm_WhileAStreamOutlastsShutdownTimeout_EndsItAndBillsWhatWasDelivered()
    {
        using var folder = new StartupFolder();
        await using var upstream = await SimulatorServer.StartAsync();
        string requestId;
        await using (var gateway = Start(folder, upstream, "--ShutdownTimeout=00:00:00.5"))
        {
            using var admin = GatewayProcess.Client(await gateway.AddressAsync(), StartupFolder.AdminToken);
            using var caller = await CallerAsync(gateway, admin);
            using var answer = await PostAsync(caller, "sim:endless+chunks=100000+delay=5", stream: true);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            (await reader.ReadLineAsync()).Should().StartWith("data: {");

            await gateway.TerminateAsync();

            (await gateway.ExitCodeAsync()).Should().Be(0);
            requestId = answer.Headers.GetValues("x-request-id").Single();
        }

        await using var next = Start(folder, upstream);
        using var reading = GatewayProcess.Client(await next.AddressAsync(), StartupFolder.AdminToken);
        var record = await reading.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/usage/{requestId}", UriKind.Relative));
        record.GetProperty("status").GetString().Should().NotBe("completed");
        record.GetProperty("completionTokens").GetInt64().Should().BePositive();
    }

    private static GatewayProcess Start(StartupFolder folder, SimulatorServer upstream, params string[] settings) => folder.Start(
        "Production",
        [
            $"--Bootstrap:AdminToken={StartupFolder.AdminToken}",
            $"--Providers:sim:BaseUrl={upstream.BaseAddress}",
            $"--Providers:sim:ApiKey={ProviderKey}",
            "--Providers:sim:Models:*:InputPrice=1",
            "--Providers:sim:Models:*:OutputPrice=2",
                "--Providers:sim:OnDisconnect=Cancel",
            .. settings,
        ]);

    private static async Task<HttpClient> CallerAsync(GatewayProcess gateway, HttpClient admin)
    {
        var account = (await CreateAsync(admin, "/api/v1/accounts", new { name = "Start" })).GetProperty("id").GetString();
        await CreateAsync(admin, $"/api/v1/accounts/{account}/credits", new { amount = "10", note = "start", idempotencyKey = "first" });
        var key = (await CreateAsync(admin, $"/api/v1/accounts/{account}/keys", new { name = "start" })).GetProperty("key").GetString()!;
        return GatewayProcess.Client(await gateway.AddressAsync(), key);
    }

    private static async Task<JsonElement> CreateAsync(HttpClient admin, string path, object body)
    {
        using var response = await admin.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient caller, string model, bool stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model, stream, messages = new[] { new { role = "user", content = Prompt } } }),
        };
        return await caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
