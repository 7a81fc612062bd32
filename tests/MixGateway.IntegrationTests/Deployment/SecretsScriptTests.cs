using System.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>deploy/create-secrets.sh makes what Docker Compose needs, for its owner to change and for containers to read.</summary>
public sealed class SecretsScriptTests : IDisposable
{
    private const UnixFileMode OwnerWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-secrets-");

    private string Secrets => Path.Combine(_folder.FullName, "secrets");

    [Fact]
    public async Task Secrets_Made_AreRandomAndCanBeRotatedByTheirOwner()
    {
        await RunAsync();

        var files = Files();
        files.Keys.Should().BeEquivalentTo(
            "gateway/Bootstrap__AdminToken", "gateway/Security__MasterKey", "gateway/ConnectionStrings__PostgresPassword", "gateway/ConnectionStrings__RedisPassword", "grafana_password");
        files.Values.Should().OnlyHaveUniqueItems().And.OnlyContain(static text => text.Trim().Length == 64);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Secrets).Should().Be(OwnersAlone, "nobody else gets to the files");
            files.Keys.Select(file => File.GetUnixFileMode(Path.Combine(Secrets, file))).Should().OnlyContain(static mode => mode == OwnerWrites);
        }
    }

    [Fact]
    public async Task Secrets_ThatAreThere_Stay()
    {
        await RunAsync();
        await File.WriteAllTextAsync(Path.Combine(Secrets, "gateway", "Bootstrap__AdminToken"), "a-token-of-our-own");
        var before = Files();

        await RunAsync();

        Files().Should().BeEquivalentTo(before);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Dictionary<string, string> Files() => Directory.EnumerateFiles(Secrets, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(Secrets, file), File.ReadAllText);

    private async Task RunAsync()
    {
        await DebianPackages.EnsureAsync("openssl", ["openssl"], "version");
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(RepositoryFiles.Root, "deploy", "create-secrets.sh"), [Secrets]) { RedirectStandardOutput = true })!;
        await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        script.ExitCode.Should().Be(0);
    }
}
