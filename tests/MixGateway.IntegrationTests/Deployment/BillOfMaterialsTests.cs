using System.Diagnostics;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Deployment;

public sealed class BillOfMaterialsTests
{
    [Fact]
    public async Task Bill_OfTheGateway_NamesEveryPackageOfTheLockFileOnce()
    {
        await DebianPackages.EnsureAsync("jq", ["jq"], "--version");
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "MixGateway.sln")))
        {
            root = root.Parent!;
        }

        using var script = Process.Start(new ProcessStartInfo(Path.Combine(root.FullName, "deploy", "sbom.sh")) { RedirectStandardOutput = true })!;
        var bill = JsonSerializer.Deserialize<JsonElement>(await script.StandardOutput.ReadToEndAsync());
        await script.WaitForExitAsync();
        using var locked = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(root.FullName, "src", "MixGateway", "packages.lock.json")));

        bill.GetProperty("bomFormat").GetString().Should().Be("CycloneDX");
        var expected = locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
            .Where(static package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(static package => $"pkg:nuget/{package.Name}@{package.Value.GetProperty("resolved").GetString()}");
        var components = bill.GetProperty("components").EnumerateArray().ToArray();
        components.Select(static component => component.GetProperty("purl").GetString()).Should().BeEquivalentTo(expected).And.OnlyHaveUniqueItems();
        var known = components.Select(static component => component.GetProperty("bom-ref").GetString()).Append("mixgateway").ToHashSet();
        bill.GetProperty("dependencies").EnumerateArray().SelectMany(static entry => entry.GetProperty("dependsOn").EnumerateArray().Select(static on => on.GetString()).Append(entry.GetProperty("ref").GetString()))
            .Should().OnlyContain(reference => known.Contains(reference));
    }
}
