using System.Diagnostics;
using Npgsql;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>
/// A private PostgreSQL on a free port of 127.0.0.1. A shell waits beside it and stops it when this process ends, however it ends.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Lazy<Task<PostgresServer>> SharedServer = new(StartNewAsync);

    /// <summary>
    /// Starts the server given after it, and stops it at once (SIGQUIT) when told to, or when its input ends because this process did;
    /// then its files go too.
    /// </summary>
    private const string Keeper =
        """
        trap '' INT TERM HUP
        "$@" >>"$FOLDER/log" 2>&1 </dev/null & server=$!
        read -r word
        kill -QUIT $server 2>/dev/null
        wait $server
        [ "$word" = stop ] || rm -rf "$FOLDER"
        """;

    private readonly PostgresBinaries _binaries;
    private readonly string _folder;
    private readonly int _port;
    private Process? _keeper;

    private PostgresServer(PostgresBinaries binaries, string folder, int port)
    {
        _binaries = binaries;
        _folder = folder;
        _port = port;
    }

    /// <summary>The one server of the test run; never stopped by a test.</summary>
    public static Task<PostgresServer> SharedAsync() => SharedServer.Value;

    /// <summary>A server of its own, for tests that stop it.</summary>
    public static async Task<PostgresServer> StartNewAsync()
    {
        var binaries = await PostgresBinaries.FindAsync();
        var folder = Path.Combine(Path.GetTempPath(), $"mixgateway-postgres-{Guid.NewGuid():N}");
        await binaries.CreateFolderAsync(folder);
        await binaries.RunAsync("initdb", "-D", Path.Combine(folder, "data"), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var server = new PostgresServer(binaries, folder, FreePort.Find());
                await server.StartAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                // Somebody else took the port: the next try takes another.
            }
        }
    }

    /// <summary>Of a database in this server; no password is asked for.</summary>
    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database}";

    /// <summary>Starts the server on the port that it had, and returns when it answers.</summary>
    public async Task StartAsync()
    {
        var log = Path.Combine(_folder, "log");
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={_port}", "unix_socket_directories=", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
            "shared_buffers=64MB", "max_connections=200", "wal_level=minimal", "max_wal_senders=0",
        ];
        string[] server = [.. _binaries.Command("postgres"), "-D", Path.Combine(_folder, "data"), .. settings.SelectMany(setting => new[] { "-c", setting })];
        var start = new ProcessStartInfo("/bin/sh", ["-c", Keeper, "sh", .. server]) { RedirectStandardInput = true, WorkingDirectory = "/" };
        start.Environment["FOLDER"] = _folder;
        _keeper = Process.Start(start)!;
        var answers = false;
        await Eventually.TryAsync(async () => (answers = await AnswersAsync()) || HasFailed(log), Patience);
        if (!answers)
        {
            var said = await File.ReadAllTextAsync(log);
            await StopAsync();
            File.Delete(log);
            throw new InvalidOperationException($"PostgreSQL did not start: {said}");
        }
    }

    /// <summary>Stops the server as a crash would; what was committed is there when it starts again.</summary>
    public async Task StopAsync()
    {
        if (_keeper is { } keeper)
        {
            _keeper = null;
            await keeper.StandardInput.WriteLineAsync("stop");
            keeper.StandardInput.Close();
            await keeper.WaitForExitAsync();
            keeper.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Creates an empty database, or a copy of one that nobody is connected to.</summary>
    public async Task CreateDatabaseAsync(string name, string template = "template0")
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE {template}", connection);
        await command.ExecuteNonQueryAsync();
    }

    private static bool HasFailed(string log) => File.Exists(log) && File.ReadAllText(log).Contains("could not create any TCP/IP sockets", StringComparison.Ordinal);

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false;Timeout=5");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
