using System.ComponentModel;
using System.Diagnostics;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>Programs that a test runs; on Debian they are installed as root where they are missing, else one line says what to do.</summary>
internal static class DebianPackages
{
    /// <summary>Gives the first of the commands that works, after installing the package if none did.</summary>
    /// <param name="commands">Candidates, such as <c>["python3"]</c> and <c>["/usr/bin/python3"]</c>.</param>
    /// <param name="probe">Arguments with which the command ends with 0 if it can be used.</param>
    /// <exception cref="InvalidOperationException">It is missing and cannot be installed.</exception>
    public static async Task<string> EnsureAsync(string package, string[] commands, params string[] probe)
    {
        if (await FindAsync(commands, probe) is { } found)
        {
            return found;
        }

        if (Environment.IsPrivilegedProcess && File.Exists("/usr/bin/apt-get"))
        {
            await using var turn = await TakeTurnAsync();
            if (await FindAsync(commands, probe) is null)
            {
                await RunAsync("apt-get", "update");
                await RunAsync("apt-get", "install", "-y", "--no-install-recommends", package);
            }
        }

        return await FindAsync(commands, probe)
            ?? throw new InvalidOperationException($"'{commands[0]} {string.Join(' ', probe)}' does not work here: install it (Debian and Ubuntu: apt-get install {package}).");
    }

    /// <summary>
    /// Gives an installed program, or that of a package which is unpacked into a folder of its own: nothing of the machine changes, and no server starts.
    /// </summary>
    /// <param name="program">Its place in the package, such as <c>usr/sbin/nginx</c>.</param>
    /// <param name="probe">Arguments with which it ends with 0.</param>
    /// <exception cref="InvalidOperationException">It is missing, and the package cannot be had.</exception>
    public static async Task<string> UnpackAsync(string package, string program, params string[] probe)
    {
        var folder = Path.Combine(Path.GetTempPath(), "mixgateway-packages", package);
        string[] commands = [Path.GetFileName(program), "/" + program, Path.Combine(folder, "root", program)];
        if (await FindAsync(commands, probe) is { } found)
        {
            return found;
        }

        if (File.Exists("/usr/bin/apt-get"))
        {
            await using var turn = await TakeTurnAsync();
            if (await FindAsync(commands, probe) is null)
            {
                Directory.CreateDirectory(folder);
                if (Environment.IsPrivilegedProcess)
                {
                    await RunAsync("apt-get", "update");
                }

                await RunAsync("sh", "-c", $"cd '{folder}' && apt-get download {package} && dpkg -x {package}_*.deb root && rm {package}_*.deb");
            }
        }

        return await FindAsync(commands, probe)
            ?? throw new InvalidOperationException($"'{commands[0]} {string.Join(' ', probe)}' does not work here: install it (Debian and Ubuntu: apt-get install {package}).");
    }

    private static async Task<string?> FindAsync(string[] commands, string[] probe)
    {
        foreach (var command in commands)
        {
            if (await WorksAsync(command, probe))
            {
                return command;
            }
        }

        return null;
    }

    private static async Task<bool> WorksAsync(string command, string[] arguments)
    {
        try
        {
            return (await RunCoreAsync(command, arguments)).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            // There is no such program.
            return false;
        }
    }

    private static async Task RunAsync(string command, params string[] arguments)
    {
        var (exitCode, output) = await RunCoreAsync(command, arguments);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} ended with {exitCode}: {output}");
        }
    }

    private static async Task<(int ExitCode, string Output)> RunCoreAsync(string command, string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>apt has one lock for the machine and fails where it is taken; so installations wait for each other.</summary>
    public static Task<FileStream> TakeTurnAsync() =>
        Eventually.GetAsync(() => Task.FromResult(OpenLock()), "the end of somebody else's installation", TimeSpan.FromMinutes(10));

    private static FileStream? OpenLock()
    {
        try
        {
            return new FileStream(Path.Combine(Path.GetTempPath(), "mixgateway-install.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            // Somebody else has it.
            return null;
        }
    }
}
