using System.Diagnostics;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>The programs of an installed PostgreSQL, and the user to run them as: they refuse to run as root.</summary>
internal sealed class PostgresBinaries
{
    private const string Missing = "PostgreSQL is not installed: install it (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql) so that initdb and postgres are found.";

    private readonly string _folder;
    private readonly string? _user;

    private PostgresBinaries(string folder, string? user)
    {
        _folder = folder;
        _user = user;
    }

    /// <summary>Finds the newest PostgreSQL; as root on Debian it is installed first if there is none.</summary>
    public static async Task<PostgresBinaries> FindAsync()
    {
        var folder = Folder();
        if (folder is null && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/apt-get"))
        {
            await InstallAsync();
            folder = Folder();
        }

        var user = File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
        return new PostgresBinaries(folder ?? throw new InvalidOperationException(Missing), Environment.IsPrivilegedProcess ? user : null);
    }

    /// <summary>The command line that starts a program as the right user.</summary>
    public string[] Command(string program)
    {
        var path = Path.Combine(_folder, program);
        return _user is null ? [path] : ["setpriv", $"--reuid={_user}", $"--regid={Group}", "--clear-groups", path];
    }

    public Task RunAsync(string program, params string[] arguments) => ExecuteAsync([.. Command(program), .. arguments]);

    /// <summary>Creates a folder that belongs to the user the programs run as.</summary>
    public async Task CreateFolderAsync(string path)
    {
        await ExecuteAsync(["mkdir", "-m", "700", path]);
        if (_user is not null)
        {
            await ExecuteAsync(["chown", $"{_user}:{Group}", path]);
        }
    }

    private string Group => _user == "nobody" ? "nogroup" : "postgres";

    private static string? Folder()
    {
        var packaged = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0).Select(path => Path.Combine(path, "bin"))
            : [];
        var searched = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        return packaged.Concat(searched).FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")) && File.Exists(Path.Combine(path, "postgres")));
    }

    private static async Task InstallAsync()
    {
        // Two test projects may find it missing at once: the second waits and then finds it there.
        await using var turn = await DebianPackages.TakeTurnAsync();
        if (Folder() is null)
        {
            await ExecuteAsync(["apt-get", "update"]);
            await ExecuteAsync(["apt-get", "install", "-y", "--no-install-recommends", "postgresql"]);
        }
    }

    private static async Task ExecuteAsync(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {await errors}{await output}");
        }
    }
}
