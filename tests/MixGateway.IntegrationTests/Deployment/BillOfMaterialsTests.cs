using System.Diagnostics;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Deployment;

public sealed class BillOfMaterialsTests : IDisposable
{
    private readonly DirectoryInfo _output = Directory.CreateTempSubdirectory("mixgateway-bill-");

    [Fact]
    public async Task Bill_OfThePublishedOutput_NamesThePackageOfEveryLibraryInItAndNoOther()
    {
        await DebianPackages.EnsureAsync("jq", ["jq"], "--version");
        await PublishedGateway.PublishAsync(_output.FullName);

        var bill = await WriteAsync();

        bill.GetProperty("bomFormat").GetString().Should().Be("CycloneDX");
        var components = bill.GetProperty("components").EnumerateArray().ToArray();
        components.Select(static component => component.GetProperty("purl").GetString()).Should().OnlyHaveUniqueItems()
            .And.OnlyContain(static purl => purl!.StartsWith("pkg:nuget/", StringComparison.Ordinal));
        var named = components.Select(static component => component.GetProperty("name").GetString()!).ToArray();
        var shipped = Libraries().ToArray();
        Directory.EnumerateFiles(_output.FullName, "*.dll").Select(static file => Path.GetFileName(file)).Where(static file => !file.StartsWith("MixGateway", StringComparison.Ordinal))
            .Except(shipped.Where(library => named.Contains(library.Package)).Select(static library => library.File)).Should().BeEmpty("each is of a package that is named");
        named.Should().NotContain(static name => name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal), "what only the build needs is not shipped");
        var known = components.Select(static component => component.GetProperty("bom-ref").GetString()).Append("mixgateway").ToHashSet();
        bill.GetProperty("dependencies").EnumerateArray()
            .SelectMany(static entry => entry.GetProperty("dependsOn").EnumerateArray().Select(static on => on.GetString()).Append(entry.GetProperty("ref").GetString())).Distinct()
            .Should().BeEquivalentTo(known, "each is needed by something that is named");
    }

    public void Dispose() => _output.Delete(recursive: true);

    private async Task<JsonElement> WriteAsync()
    {
        var start = new ProcessStartInfo(Path.Combine(RepositoryFiles.Root, "deploy", "sbom.sh"), [_output.FullName]) { RedirectStandardOutput = true };
        using var script = Process.Start(start)!;
        var text = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        script.ExitCode.Should().Be(0);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The files of each package, as the runtime is told of them.</summary>
    private IEnumerable<(string Package, string File)> Libraries()
    {
        using var list = JsonDocument.Parse(File.ReadAllText(Path.Combine(_output.FullName, "MixGateway.deps.json")));
        foreach (var package in list.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject())
        {
            if (package.Value.TryGetProperty("runtime", out var files))
            {
                foreach (var file in files.EnumerateObject())
                {
                    yield return (package.Name.Split('/')[0], Path.GetFileName(file.Name));
                }
            }
        }
    }
}
