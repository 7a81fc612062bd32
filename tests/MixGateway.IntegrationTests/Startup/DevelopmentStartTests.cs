using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;
using Xunit.Abstractions;

namespace MixGateway.IntegrationTests.Startup;

/// <summary>The first minute: no settings, no provider, no database.</summary>
public sealed partial class DevelopmentStartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task FirstStart_InDevelopment_PrintsAKeyAndACurlLineThatWorksAsPasted()
    {
        await DebianPackages.EnsureAsync("curl", ["curl"], "--version");
        using var folder = new StartupFolder();
        await using var gateway = folder.Start("Development");

        await gateway.AwaitOutputAsync("curl ");
        var line = gateway.Output.Split('\n').Single(static line => line.TrimStart().StartsWith("curl ", StringComparison.Ordinal)).Trim();
        var answer = JsonSerializer.Deserialize<JsonElement>(await StartupFolder.PasteAsync(line));

        output.WriteLine($"Ready after {gateway.StartedAfter.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s.");
        answer.GetProperty("model").GetString().Should().Be("demo:echo");
        answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be("Hi");
    }

    [Fact]
    public async Task FirstStart_InDevelopment_PrintsATokenThatOpensTheManagementApi()
    {
        using var folder = new StartupFolder();
        await using var gateway = folder.Start("Development");
        await gateway.AwaitOutputAsync("Admin token");
        using var admin = GatewayProcess.Client(await gateway.AddressAsync(), AdminToken().Match(gateway.Output).Value);

        var accounts = await admin.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/accounts", UriKind.Relative));

        accounts.GetProperty("data").EnumerateArray().Should().ContainSingle().Which.GetProperty("balance").GetString().Should().Be("100");
    }

    [Fact]
    public async Task SecondStart_OnTheSameData_KeepsTheAccountAndItsOldKey()
    {
        using var folder = new StartupFolder();
        var first = await StartAndStopAsync(folder);
        await using var gateway = folder.Start("Development");
        await gateway.AwaitOutputAsync("curl ");

        Key().Match(gateway.Output).Value.Should().NotBe(first);
        using var client = GatewayProcess.Client(await gateway.AddressAsync(), first);
        using var answer = await client.GetAsync(new Uri("/v1/models", UriKind.Relative));
        answer.IsSuccessStatusCode.Should().BeTrue("the first key lives for a week");
        using var admin = GatewayProcess.Client(await gateway.AddressAsync(), AdminToken().Match(gateway.Output).Value);
        var accounts = await admin.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/accounts", UriKind.Relative));
        accounts.GetProperty("data").GetArrayLength().Should().Be(1);
    }

    private static async Task<string> StartAndStopAsync(StartupFolder folder)
    {
        await using var gateway = folder.Start("Development");
        await gateway.AwaitOutputAsync("curl ");
        await gateway.TerminateAsync();
        (await gateway.ExitCodeAsync()).Should().Be(0);
        return Key().Match(gateway.Output).Value;
    }

    [GeneratedRegex("sk-[0-9A-Za-z]{48}")]
    private static partial Regex Key();

    [GeneratedRegex("(?<=Admin token +)[0-9a-f]{32}")]
    private static partial Regex AdminToken();
}
