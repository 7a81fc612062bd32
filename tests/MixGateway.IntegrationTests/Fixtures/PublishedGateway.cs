using System.Diagnostics;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>
/// The published output, laid out and started as deploy/Dockerfile does it: a folder that nobody may write to, the settings linked to
/// a folder of their own, secrets as files, everything else from the environment, and a user without rights.
/// </summary>
internal sealed class PublishedGateway : IDisposable
{
    private const string UnprivilegedId = "65534";
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mixgateway-image-");
    private readonly Dictionary<string, string> _environment;

    private PublishedGateway(Dictionary<string, string> environment) => _environment = environment;

    public string App => Path.Combine(_root.FullName, "app");

    public string Secrets => Path.Combine(_root.FullName, "run", "secrets");

    private string Config => Path.Combine(_root.FullName, "config");

    /// <param name="secrets">Each becomes a file.</param>
    /// <param name="settings">The administrator's appsettings.json.</param>
    /// <param name="environment">Beside what the image sets.</param>
    public static async Task<PublishedGateway> CreateAsync(IReadOnlyDictionary<string, string> secrets, string settings, IReadOnlyDictionary<string, string> environment)
    {
        var image = new PublishedGateway(new(environment)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["DOTNET_EnableDiagnostics"] = "0",
        });
        image._environment["Data__Path"] = Path.Combine(image._root.FullName, "data");
        image._environment["Secrets__Path"] = image.Secrets;
        await PublishAsync(image.App);
        Directory.CreateDirectory(image.Secrets);
        foreach (var (name, text) in secrets)
        {
            await File.WriteAllTextAsync(Path.Combine(image.Secrets, name), text + "\n");
        }

        Directory.CreateDirectory(image.Config);
        await File.WriteAllTextAsync(Path.Combine(image.Config, "appsettings.json"), settings);
        File.CreateSymbolicLink(Path.Combine(image.App, "appsettings.Production.json"), Path.Combine(image.Config, "appsettings.json"));
        File.SetUnixFileMode(image.App, Readable);
        File.SetUnixFileMode(image._root.FullName, Readable);
        return image;
    }

    public GatewayProcess Start(params string[] arguments) => GatewayProcess.StartFrom(App, Environment.IsPrivilegedProcess ? UnprivilegedId : null, _environment, arguments);

    /// <summary>What the image's health check runs.</summary>
    public async Task<(int ExitCode, string Output)> CheckHealthAsync(Uri address)
    {
        await using var check = GatewayProcess.StartFrom(App, Environment.IsPrivilegedProcess ? UnprivilegedId : null, new Dictionary<string, string>(_environment) { ["ASPNETCORE_URLS"] = address.ToString() }, "--health");
        return (await check.ExitCodeAsync(), check.Output);
    }

    /// <summary>All files, to see that none was added.</summary>
    public IReadOnlyList<string> Files() => [.. Directory.EnumerateFileSystemEntries(_root.FullName, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(_root.FullName, Owner);
        File.SetUnixFileMode(App, Owner);
        _root.Delete(recursive: true);
    }

    /// <summary>Publishes what the tests were built with.</summary>
    public static async Task PublishAsync(string folder)
    {
        var configuration = Path.GetFileName(GatewayProcess.Folder);
        string[] arguments = ["publish", Path.Combine(RepositoryFiles.Root, "src", "MixGateway"), "--no-build", "-c", configuration == "release" ? "Release" : "Debug", "-o", folder, "-v", "quiet"];
        using var publish = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = publish.StandardOutput.ReadToEndAsync();
        var errors = publish.StandardError.ReadToEndAsync();
        await publish.WaitForExitAsync();
        publish.ExitCode.Should().Be(0, "{0}{1}", await output, await errors);
    }
}
