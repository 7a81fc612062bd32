using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>The gateway as a process of its own, as an operator starts it: <c>dotnet MixGateway.dll</c>, with settings as arguments.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private GatewayProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote so far, standard output and error together.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>From its start to its first line that says where it listens.</summary>
    public TimeSpan StartedAfter { get; private set; }

    /// <summary>The gateway's own build output, next to this project's.</summary>
    public static string Folder
    {
        get
        {
            var ours = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            return Path.Combine(ours.Parent!.Parent!.FullName, "MixGateway", ours.Name);
        }
    }

    /// <summary>Starts it on a free port of loopback and does not wait for it.</summary>
    /// <param name="environment">Production or Development.</param>
    /// <param name="settings">As on the command line, with the dashes.</param>
    public static GatewayProcess Start(string environment, params string[] settings) => StartFrom(
        Folder, userId: null, new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = environment, ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" }, settings);

    /// <summary>Starts the one in a folder, with that as its working directory.</summary>
    /// <param name="userId">Runs it as this user, without any right of root's; null: as whoever runs the tests.</param>
    public static GatewayProcess StartFrom(string folder, string? userId, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartFrom(folder, userId, environment, door: null, arguments);

    /// <summary>Starts the build output in a working directory of its own, with this environment alone beside the system's.</summary>
    /// <param name="prelude">Runs in the same shell before it, such as <c>ulimit -n 600</c>; null: nothing.</param>
    public static GatewayProcess StartIn(string workingFolder, IReadOnlyDictionary<string, string> environment, string? prelude, params string[] arguments)
    {
        string[] command = ["dotnet", Path.Combine(Folder, "MixGateway.dll"), .. arguments];
        return Start(prelude is null ? command : ["sh", "-c", prelude + " && exec \"$@\"", "sh", .. command], workingFolder, environment);
    }

    /// <inheritdoc cref="StartFrom(string, string?, IReadOnlyDictionary{string, string}, string[])"/>
    /// <param name="door">Of a <see cref="MemoryCage"/> that the process is to live in; null: in none.</param>
    public static GatewayProcess StartFrom(string folder, string? userId, IReadOnlyDictionary<string, string> environment, string? door, string[] arguments)
    {
        string[] command = ["dotnet", Path.Combine(folder, "MixGateway.dll"), .. arguments];
        if (door is not null)
        {
            command = ["sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", door, .. command];
        }

        if (userId is not null)
        {
            command = ["setpriv", $"--reuid={userId}", $"--regid={userId}", "--clear-groups", "--no-new-privs", .. command];
        }

        return Start(command, folder, environment);
    }

    private static GatewayProcess Start(string[] command, string workingFolder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder,
        };

        // Whoever runs the tests may have settings of his own there.
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("DOTNET_ENVIRONMENT", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        // As in the tests' own process: it lives for seconds.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["Security__MasterKey"] = TestGateway.MasterKey;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new GatewayProcess(start);
    }

    /// <summary>Where it answers; waits until it does.</summary>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    public async Task<Uri> AddressAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        if (await Task.WhenAny(_listening.Task, _process.WaitForExitAsync(limit.Token)) == _listening.Task)
        {
            return await _listening.Task;
        }

        throw new InvalidOperationException($"The gateway did not start: {Output}");
    }

    /// <summary>A figure of <c>/proc/PID/status</c>, in bytes.</summary>
    public long Status(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Waits until it has written a text.</summary>
    public async Task AwaitOutputAsync(string text)
    {
        var hasWritten = false;
        await Eventually.TryAsync(
            () =>
            {
                // In this order: what it writes before it ends is not missed.
                var hasExited = _process.HasExited;
                hasWritten = Output.Contains(text, StringComparison.Ordinal);
                return Task.FromResult(hasWritten || hasExited);
            },
            Patience);
        if (!hasWritten)
        {
            throw new InvalidOperationException($"The gateway did not write '{text}': {Output}");
        }
    }

    /// <summary>Waits until it has ended by itself, and gives its exit code.</summary>
    public async Task<int> ExitCodeAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>What Docker and systemd send to stop it.</summary>
    public Task TerminateAsync() => _process.SignalAsync("TERM");

    /// <summary>Takes the processor away from it, as a stopped virtual machine does.</summary>
    public Task PauseAsync() => _process.SignalAsync("STOP");

    public Task ResumeAsync() => _process.SignalAsync("CONT");

    /// <summary>A client with a key or token, of its own connections.</summary>
    public static HttpClient Client(Uri address, string bearer) => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromMinutes(1),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", bearer) },
    };

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (!_listening.Task.IsCompleted && ListeningAt().Match(line) is { Success: true } match)
        {
            StartedAfter = _clock.Elapsed;
            _listening.TrySetResult(new Uri(match.Value));
        }
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    [GeneratedRegex("(?<=Now listening on.*)http://127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex ListeningAt();
}
