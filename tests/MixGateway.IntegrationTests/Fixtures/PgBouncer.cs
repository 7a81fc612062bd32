using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A private PgBouncer in transaction mode on a free loopback port: the session of one client is another server's from one transaction to the next.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-pgbouncer-");
    private readonly int _port = FreePort.Find();
    private Process? _process;

    private PgBouncer()
    {
    }

    /// <param name="server">The connection string of a database behind it.</param>
    /// <param name="connections">Opened to the server at the most.</param>
    public static async Task<PgBouncer> StartAsync(string server, int connections)
    {
        var program = await DebianPackages.EnsureAsync("pgbouncer", ["pgbouncer", "/usr/sbin/pgbouncer"], "--version");
        var pooler = new PgBouncer();
        var behind = new NpgsqlConnectionStringBuilder(server);
        var users = Path.Combine(pooler._folder.FullName, "users.txt");
        var file = Path.Combine(pooler._folder.FullName, "pgbouncer.ini");
        await File.WriteAllTextAsync(users, $"\"{behind.Username}\" \"\"\n");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host={behind.Host} port={behind.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {pooler._port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {users}
            pool_mode = transaction
            default_pool_size = {connections}
            max_client_conn = 500
            """));
        string[] command = [program, file];
        if (Environment.IsPrivilegedProcess)
        {
            // It refuses to run as root.
            File.SetUnixFileMode(pooler._folder.FullName, (UnixFileMode)0b111_101_101);
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", .. command];
        }

        pooler._process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _ = pooler._process.StandardOutput.ReadToEndAsync();
        var said = pooler._process.StandardError.ReadToEndAsync();
        AppDomain.CurrentDomain.ProcessExit += pooler.OnProcessExit;
        var answers = false;
        await Eventually.TryAsync(async () => (answers = await pooler.AnswersAsync(server)) || pooler._process.HasExited);
        return answers ? pooler : throw new InvalidOperationException($"PgBouncer does not answer: {(pooler._process.HasExited ? await said : "")}");
    }

    /// <summary>To a database by way of this pooler.</summary>
    public string ConnectionString(string server) => new NpgsqlConnectionStringBuilder(server) { Host = "127.0.0.1", Port = _port }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task<bool> AnswersAsync(string server)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString(server) + ";Pooling=false;Timeout=5");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
        }
    }
}
