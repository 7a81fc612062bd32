using System.Diagnostics;
using System.Globalization;

namespace MixGateway.Benchmarks.Load;

/// <summary>What a server's process has used since its start.</summary>
/// <param name="Cpu">User and system time of all threads.</param>
/// <param name="AllocatedBytes">On the managed heap.</param>
internal readonly record struct Counters(TimeSpan Cpu, long AllocatedBytes, long WorkingSet);

/// <summary>A server in a process of its own, so that its CPU time and allocations are nobody else's.</summary>
internal sealed class RoleProcess : IDisposable
{
    public const string Command = "serve";

    /// <summary>Starts the lines that are for the parent; what else a server prints is passed over.</summary>
    public const string AnswerMark = "@ ";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

    private readonly Process _process;

    private RoleProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<RoleProcess> StartAsync(string role, params string[] settings)
    {
        var start = StartInfo(role, RuntimeConfigOf(role), settings);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        var process = Process.Start(start)!;
        try
        {
            return new RoleProcess(process, new Uri(await ReadAnswerAsync(process).WaitAsync(StartTimeout)));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Runs a role that ends by itself with the gateway's runtime settings, and waits for it; what it prints is printed here.</summary>
    public static async Task RunAsync(string role, params string[] settings)
    {
        using var process = Process.Start(StartInfo(role, RuntimeConfigOf(Role.Gateway), settings))!;
        await process.WaitForExitAsync();
    }

    public async Task<Counters> ReadCountersAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        var fields = (await ReadAnswerAsync(_process)).Split(' ');
        return new Counters(new TimeSpan(Number(fields[0])), Number(fields[1]), Number(fields[2]));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(StopTimeout))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>The gateway runs with the runtime settings that it is shipped with, all else with .NET's and the same garbage collector.</summary>
    private static string RuntimeConfigOf(string role)
    {
        var application = role == Role.Gateway ? typeof(MixGateway.Program) : typeof(RoleProcess);
        return Path.ChangeExtension(application.Assembly.Location, ".runtimeconfig.json");
    }

    private static ProcessStartInfo StartInfo(string role, string runtimeConfig, string[] settings) => new(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        ["exec", "--runtimeconfig", runtimeConfig, typeof(RoleProcess).Assembly.Location, Command, role, .. settings]);

    private static async Task<string> ReadAnswerAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(AnswerMark, StringComparison.Ordinal))
            {
                return line[AnswerMark.Length..];
            }
        }

        throw new InvalidOperationException("The server ended. Its message is above.");
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
