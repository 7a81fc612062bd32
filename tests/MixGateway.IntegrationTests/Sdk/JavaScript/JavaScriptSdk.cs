using System.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Sdk.JavaScript;

/// <summary>OpenAI's SDK for JavaScript, which npm installs once into a folder of the temporary ones.</summary>
internal static class JavaScriptSdk
{
    private const string Package = "openai@6.9.1";

    private static readonly string Folder = Path.Combine(Path.GetTempPath(), "mixgateway-" + Package.Replace('@', '-'));

    /// <summary>Runs a script beside the SDK and gives what it prints.</summary>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var node = await DebianPackages.EnsureAsync("nodejs", ["node"], "--version");
        await InstallAsync();
        var copy = Path.Combine(Folder, $"{Guid.NewGuid():N}.mjs");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Sdk", "JavaScript", script), copy);
        try
        {
            return await ExecuteAsync(node, [copy, .. arguments]);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static async Task InstallAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "openai")))
        {
            return;
        }

        // In a folder of its own first, so that what is found under the final name is whole.
        var npm = await DebianPackages.EnsureAsync("npm", ["npm"], "--version");
        var fresh = Directory.CreateTempSubdirectory("mixgateway-npm-").FullName;
        await ExecuteAsync(npm, ["install", "--prefix", fresh, "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", Package]);
        try
        {
            Directory.Move(fresh, Folder);
        }
        catch (IOException) when (Directory.Exists(Folder))
        {
            // Another test run was faster.
            Directory.Delete(fresh, recursive: true);
        }
    }

    private static async Task<string> ExecuteAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {arguments[0]} ended with {process.ExitCode}: {await errors}{await output}");
    }
}
