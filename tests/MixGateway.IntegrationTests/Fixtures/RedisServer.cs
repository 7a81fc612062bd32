using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A private redis-server on a free loopback port, with its files in a folder of its own.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Binary = "/usr/bin/redis-server";
    private static readonly SemaphoreSlim Installing = new(1);

    private readonly string[] _settings;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-redis-");
    private Process? _process;

    private RedisServer(string[] settings)
    {
        _settings = settings;
        Port = FreePort.Find();
    }

    /// <summary>What makes an acknowledged write survive.</summary>
    public static string[] Durable => ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];

    public int Port { get; }

    public string ConnectionString => $"127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}";

    public string Folder => _folder.FullName;

    /// <summary>Starts a server.</summary>
    /// <param name="settings">Arguments of redis-server, for example <see cref="Durable"/>.</param>
    public static async Task<RedisServer> StartAsync(params string[] settings)
    {
        await InstallAsync();
        for (var attempt = 1; ; attempt++)
        {
            var server = new RedisServer(settings);
            try
            {
                await server.StartAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                // Somebody else took the port: the next try takes another.
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>Starts it (again) on the same port, with what its files hold.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(Binary) { RedirectStandardOutput = true };
        string[] fixedSettings = ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", Folder, "--save", "", "--loglevel", "warning"];
        foreach (var argument in fixedSettings.Concat(_settings))
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException($"{Binary} did not start.");
        _ = _process.StandardOutput.ReadToEndAsync();
        var answers = false;
        await Eventually.TryAsync(async () => (answers = await AnswersAsync()) || _process.HasExited);
        if (!answers)
        {
            throw new InvalidOperationException($"redis-server with {string.Join(' ', _settings)} does not answer on port {Port}.");
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Keeps it from answering, without closing its connections.</summary>
    public Task PauseAsync() => _process!.SignalAsync("STOP");

    public Task ResumeAsync() => _process!.SignalAsync("CONT");

    /// <summary>FLUSHALL.</summary>
    public Task FlushAsync() => ExecuteAsync("FLUSHALL");

    /// <summary>Makes it a copy of another server that follows what happens there.</summary>
    public Task FollowAsync(RedisServer primary) => ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"REPLICAOF 127.0.0.1 {primary.Port}"));

    /// <summary>Makes a copy a server of its own, with what it has got so far.</summary>
    public Task PromoteAsync() => ExecuteAsync("REPLICAOF NO ONE");

    /// <summary>What it says of itself under a name, such as <c>master_link_status</c>.</summary>
    public async Task<string?> InfoAsync(string name)
    {
        var info = await AskAsync("INFO everything");
        return info.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..];
    }

    /// <summary>Cuts bytes off the end of the append-only file of a server that was killed, as a lost page cache would.</summary>
    public void CutAppendOnlyFile(int bytes)
    {
        var file = _folder.GetFiles("*.incr.aof", SearchOption.AllDirectories).Single();
        using var stream = file.OpenWrite();
        stream.SetLength(Math.Max(0, stream.Length - bytes));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            var answer = await AskAsync("PING");
            return answer.StartsWith("+PONG", StringComparison.Ordinal) || answer.StartsWith("-NOAUTH", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task ExecuteAsync(string command)
    {
        var answer = await AskAsync(command);
        if (!answer.StartsWith("+OK", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"redis-server answered {command} with {answer}");
        }
    }

    /// <summary>Sends one command on a connection of its own and gives the answer as it came.</summary>
    private async Task<string> AskAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
        var answer = new byte[64 * 1024];
        var length = 0;
        do
        {
            var read = await stream.ReadAsync(answer.AsMemory(length));
            length += read;
            if (read == 0)
            {
                break;
            }
        }
        while (!IsWhole(answer.AsSpan(0, length)));
        return Encoding.ASCII.GetString(answer, 0, length);
    }

    /// <summary>A text of a known length, or a line.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var line = answer.IndexOf("\r\n"u8);
        return line >= 0 && (answer[0] != (byte)'$' || answer.Length >= line + 4 + int.Parse(answer[1..line], CultureInfo.InvariantCulture));
    }

    private static async Task InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            if (File.Exists(Binary))
            {
                return;
            }

            if (Environment.UserName != "root" || !File.Exists("/usr/bin/apt-get"))
            {
                throw new InvalidOperationException($"These tests need {Binary}: install Debian's redis-server.");
            }

            using var apt = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server"]))!;
            await apt.WaitForExitAsync();
            if (!File.Exists(Binary))
            {
                throw new InvalidOperationException("apt-get could not install redis-server.");
            }
        }
        finally
        {
            Installing.Release();
        }
    }
}
