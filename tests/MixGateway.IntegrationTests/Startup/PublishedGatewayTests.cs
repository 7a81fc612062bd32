using System.ClientModel;
using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;
using OpenAI;

namespace MixGateway.IntegrationTests.Startup;

/// <summary>What is in the image, with PostgreSQL and a Redis that asks for a password, serves the official SDK.</summary>
public sealed class PublishedGatewayTests : IAsyncLifetime
{
    private const string AdminToken = "published-admin-token-0123456789";
    private const string RedisPassword = "redis-password-5f1c2b9d";
    private const string ProviderKey = "upstream-secret-5f1c2b9d";

    private SimulatorServer? _upstream;
    private RedisServer? _redis;
    private PublishedGateway? _image;

    private PublishedGateway Image => _image!;

    public async Task InitializeAsync()
    {
        _upstream = await SimulatorServer.StartAsync();
        _redis = await RedisServer.StartAsync([.. RedisServer.Durable, "--requirepass", RedisPassword]);
        _image = await PublishedGateway.CreateAsync(
            new Dictionary<string, string>
            {
                ["Bootstrap__AdminToken"] = AdminToken,
                ["Security__MasterKey"] = TestGateway.MasterKey,
                ["ConnectionStrings__PostgresPassword"] = "not asked for by the test's server",
                ["ConnectionStrings__RedisPassword"] = RedisPassword,
                ["Providers__sim__ApiKey"] = ProviderKey,
            },
            $$"""{ "Providers": { "sim": { "BaseUrl": "{{_upstream.BaseAddress}}", "Models": { "*": { "InputPrice": 1, "OutputPrice": 2 } } } } }""",
            new Dictionary<string, string>
            {
                ["ConnectionStrings__Postgres"] = await PostgresDatabase.CreateAsync(),
                ["ConnectionStrings__Redis"] = _redis.ConnectionString,
                ["Secrets__Required"] = "Bootstrap:AdminToken;Security:MasterKey;ConnectionStrings:PostgresPassword;ConnectionStrings:RedisPassword",
            });
    }

    public async Task DisposeAsync()
    {
        Image.Dispose();
        await _redis!.DisposeAsync();
        await _upstream!.DisposeAsync();
    }

    [Fact]
    public async Task PublishedOutput_RunAsTheContainerRunsIt_ServesTheOfficialSdk()
    {
        var files = Image.Files();
        await using var gateway = Image.Start();
        var address = await gateway.AddressAsync();
        var health = await Image.CheckHealthAsync(address);
        health.ExitCode.Should().Be(0, health.Output);
        health.Output.Should().Contain("\"hotStore\":{\"status\":\"healthy\",\"description\":\"The hot store is durable.\"");

        using var admin = GatewayProcess.Client(address, AdminToken);
        var account = (await PostAsync(admin, "/api/v1/accounts", new { name = "Published" })).GetProperty("id").GetString();
        await PostAsync(admin, $"/api/v1/accounts/{account}/credits", new { amount = "1", note = "test", idempotencyKey = "first" });
        var key = (await PostAsync(admin, $"/api/v1/accounts/{account}/keys", new { name = "test" })).GetProperty("key").GetString()!;
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(address, "v1") }).GetChatClient("sim:echo");

        var answer = await client.CompleteChatAsync("Hello from the image");
        var streamed = "";
        await foreach (var update in client.CompleteChatStreamingAsync("Streamed from the image"))
        {
            streamed += string.Concat(update.ContentUpdate.Select(static part => part.Text));
        }

        answer.Value.Content[0].Text.Should().Contain("Hello from the image");
        streamed.Should().Contain("Streamed from the image");
        _upstream!.State.Requests.Should().OnlyContain(static request => request.Header("Authorization") == $"Bearer {ProviderKey}");
        (await admin.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/accounts/{account}/usage", UriKind.Relative))).GetProperty("data").GetArrayLength().Should().Be(2);

        await gateway.TerminateAsync();
        (await gateway.ExitCodeAsync()).Should().Be(0);
        gateway.Output.Should().NotContain(AdminToken).And.NotContain(RedisPassword).And.NotContain(ProviderKey);
        Image.Files().Should().Equal(files, "the file system of the container is read-only");
        (await Image.CheckHealthAsync(address)).ExitCode.Should().Be(1);
    }

    [Fact]
    public async Task PublishedOutput_WithoutItsSecrets_NamesThemAndDoesNotStart()
    {
        File.Delete(Path.Combine(Image.Secrets, "Bootstrap__AdminToken"));
        await File.WriteAllTextAsync(Path.Combine(Image.Secrets, "ConnectionStrings__RedisPassword"), "");
        await using var gateway = Image.Start();

        (await gateway.ExitCodeAsync()).Should().Be(1);

        gateway.Output.Should().ContainAll("Bootstrap:AdminToken", "ConnectionStrings:RedisPassword", "empty").And.NotContain("   at ");
    }

    private static async Task<JsonElement> PostAsync(HttpClient admin, string path, object body)
    {
        using var response = await admin.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
