using System.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Startup;

/// <summary>A data folder of its own, and gateways started on it.</summary>
internal sealed class StartupFolder : IDisposable
{
    public const string AdminToken = "startup-admin-token-0123456789";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-startup-");

    public string Path => _folder.FullName;

    public GatewayProcess Start(string environment, params string[] settings) => GatewayProcess.Start(environment, [$"--Data:Path={Path}", .. settings]);

    /// <summary>Runs a gateway that is to end by itself.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(params string[] settings)
    {
        await using var gateway = Start("Production", settings);
        var exitCode = await gateway.ExitCodeAsync();
        return (exitCode, gateway.Output);
    }

    /// <summary>Runs a line as if it were pasted into a terminal, and gives what it prints.</summary>
    public static async Task<string> PasteAsync(string line)
    {
        var start = new ProcessStartInfo("bash", ["-c", line]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, "{0} wrote {1}", line, await errors);
        return await output;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
