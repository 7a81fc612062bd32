using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>What the API tells of providers and of the catalog, on the whole gateway.</summary>
public sealed class OperationEndpointsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-settings-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Providers_ThatWork_AreHealthyAndShowNoCredential()
    {
        await using var gateway = await StartAsync();
        (await ProviderAsync(gateway, "pool")).GetProperty("health").GetString().Should().Be("unknown");
        var account = await gateway.CreateAccountAsync();
        for (var i = 0; i < 12; i++)
        {
            using var response = await account.ChatAsync("sim", provider: "pool");
        }

        var provider = await ProviderAsync(gateway, "pool");

        provider.GetProperty("health").GetString().Should().Be("healthy");
        (provider.GetProperty("models").GetInt32(), provider.GetProperty("takesOtherModels").GetBoolean()).Should().Be((0, true));
        provider.GetProperty("baseUrl").GetString().Should().Be(gateway.Upstream.BaseAddress.ToString().TrimEnd('/'));
        provider.GetProperty("destinations").EnumerateArray().Should().HaveCount(2).And.OnlyContain(destination => destination.GetProperty("available").GetBoolean());
        var all = (await gateway.GetAsync("/api/v1/providers")).GetRawText();
        all.Should().NotContainAny("pool-secret-first", "pool-secret-second", "upstream-secret-0123456789");
        (await gateway.GetAsync("/api/v1/providers?limit=1")).GetProperty("data")[0].GetProperty("name").GetString().Should().Be("dead");
    }

    [Fact]
    public async Task Provider_WithARefusedCredential_IsDegradedAndSaysWhy()
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();
        using var refused = await account.ChatAsync("sim+error=401+fail=1", provider: "pool");

        var provider = await ProviderAsync(gateway, "pool");

        provider.GetProperty("health").GetString().Should().Be("degraded");
        var failed = provider.GetProperty("destinations").EnumerateArray().Single(destination => destination.GetProperty("health").GetString() == "unhealthy");
        failed.GetProperty("available").GetBoolean().Should().BeFalse();
        var error = failed.GetProperty("lastErrors").EnumerateArray().Should().ContainSingle().Subject;
        (error.GetProperty("status").GetInt32(), error.GetProperty("code").GetString()).Should().Be((401, "upstream_error"));
        error.GetProperty("message").GetString().Should().NotBeNullOrEmpty();
        provider.GetRawText().Should().NotContain("pool-secret");
    }

    [Fact]
    public async Task Provider_ThatCannotBeReached_KeepsTenErrorsAndItsCredentialInUse()
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();
        for (var i = 0; i < 12; i++)
        {
            using var refused = await account.ChatAsync("sim", provider: "dead");
            refused.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        }

        var provider = await ProviderAsync(gateway, "dead");

        provider.GetProperty("health").GetString().Should().Be("unknown", "the network failed, not the credential");
        var destination = provider.GetProperty("destinations").EnumerateArray().Single();
        destination.GetProperty("available").GetBoolean().Should().BeTrue();
        var errors = destination.GetProperty("lastErrors").EnumerateArray().ToList();
        errors.Should().HaveCount(10).And.OnlyContain(error =>
            error.GetProperty("status").ValueKind == JsonValueKind.Null && error.GetProperty("code").GetString() == "upstream_unreachable");
        errors.Select(error => error.GetProperty("at").GetDateTime()).Should().BeInDescendingOrder();
    }

    [Fact]
    public async Task Provider_ThatIsNotConfigured_IsNotFound()
    {
        await using var gateway = await TestGateway.StartAsync();

        using var answer = await gateway.Admin.GetAsync("/api/v1/providers/nobody");

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Catalog_WithARejectedEdit_TellsItsMessagesUntilItIsCorrected()
    {
        await using var gateway = await TestGateway.StartWithAsync(upstream =>
        {
            Write(upstream.BaseAddress, "\"OutputPrice\": 2");
            return [$"contentRoot={_folder.FullName}"];
        });
        var before = await gateway.GetAsync("/api/v1/catalog");
        (before.GetProperty("revision").GetInt64(), before.GetProperty("currency").GetString()).Should().Be((1, "USD"));
        before.GetProperty("rejected").ValueKind.Should().Be(JsonValueKind.Null);

        Write(gateway.Upstream.BaseAddress, "\"OutputPrice\": \"much\"");
        await Eventually.TrueAsync(async () => (await gateway.GetAsync("/api/v1/catalog")).GetProperty("rejected").ValueKind == JsonValueKind.Object, "the edit is refused");
        var rejected = await gateway.GetAsync("/api/v1/catalog");
        rejected.GetProperty("revision").GetInt64().Should().Be(1);
        rejected.GetProperty("rejected").GetProperty("errors")[0].GetString().Should().Contain("Providers:file:Models");

        Write(gateway.Upstream.BaseAddress, "\"OutputPrice\": 3");
        await Eventually.TrueAsync(async () => (await gateway.GetAsync("/api/v1/catalog")).GetProperty("revision").GetInt64() == 2, "the edit is in force");
        (await gateway.GetAsync("/api/v1/catalog")).GetProperty("rejected").ValueKind.Should().Be(JsonValueKind.Null);
        var model = (await gateway.GetAsync("/api/v1/models?provider=file")).GetProperty("data").EnumerateArray().Single();
        (model.GetProperty("name").GetString(), model.GetProperty("prices").GetProperty("output").GetString()).Should().Be(("file:*", "3"));
    }

    private static async Task<JsonElement> ProviderAsync(TestGateway gateway, string name) =>
        await gateway.Admin.GetFromJsonAsync<JsonElement>($"/api/v1/providers/{name}");

    private static Task<TestGateway> StartAsync() => TestGateway.StartWithAsync(upstream =>
    [
        $"Providers:pool:BaseUrl={upstream.BaseAddress}",
        "Providers:pool:ApiKeys:0=pool-secret-first",
        "Providers:pool:ApiKeys:1=pool-secret-second",
        "Providers:pool:Models:*:InputPrice=1",
        "Providers:pool:Models:*:OutputPrice=2",

        // Nothing listens on the port that no connection may name.
        "Providers:dead:BaseUrl=http://127.0.0.1:1/v1",
        "Providers:dead:Models:*:InputPrice=1",
        "Providers:dead:Models:*:OutputPrice=2",
    ]);

    private void Write(Uri upstream, string outputPrice) => File.WriteAllText(
        Path.Combine(_folder.FullName, "appsettings.json"),
        $$"""{ "Providers": { "file": { "BaseUrl": "{{upstream}}", "Models": { "*": { "InputPrice": 1, {{outputPrice}} } } } } }""");
}
