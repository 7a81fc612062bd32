using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;
using Npgsql;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>The commands of docs/operations.md, run as they stand there with the roles that it describes. One test for PostgreSQL: its roles and databases have the page's names.</summary>
public sealed partial class BackupTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-backup-");
    private readonly Dictionary<string, string> _environment = [];

    [Fact]
    public async Task Postgres_BackedUpRestoredAndItsPasswordRotated_HasAllThatWasBookedAndGoesOn()
    {
        await using var redis = await RedisServer.StartAsync(RedisServer.Durable);
        var (connection, admin) = await UsePostgresAsync(redis);
        try
        {
            await RunAsync("Install", "CREATE ROLE");
            await RunFromBackupToRotationAsync(connection, admin, redis);
        }
        finally
        {
            await ClearAsync(admin);
        }
    }

    [Fact]
    public async Task Embedded_BackedUpAndRestored_HasAllThatWasBookedBefore()
    {
        var data = _folder.CreateSubdirectory("data").FullName;
        await EmbeddedTemplate.CopyToAsync(data);
        TestAccount account;
        string before;
        await using (var gateway = await TestGateway.StartAsync($"Data:Path={data}"))
        {
            account = await gateway.CreateAccountAsync();
            await CallAsync(account, 2);
            before = await BalanceAsync(account);
            await RunAsync("Back up the embedded database");
            await CallAsync(account, 3);
        }

        await RunAsync("Restore the embedded database");

        await using var next = await TestGateway.StartAsync($"Data:Path={data}");
        var there = account with { Gateway = next };
        (await BalanceAsync(there)).Should().Be(before, "what came after the backup is gone");
        await CallAsync(there, 3);
        await there.ShouldAddUpAsync();
    }

    [Fact]
    public async Task Redis_Emptied_IsFilledAgainFromTheDatabase()
    {
        await using var stores = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(stores.Settings);
        var account = await gateway.CreateAccountAsync(credit: "5");
        await CallAsync(account, 1);
        _environment["REDIS"] = UriOf(stores.Redis!);

        await RunAsync("Restore PostgreSQL", "FLUSHALL");

        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await account.ChatAsync("sim+chunks=3");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "a call after the flush");
        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count >= 2, "its record");
        await account.ShouldAddUpAsync();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task RunFromBackupToRotationAsync(string connection, string admin, RedisServer redis)
    {
        var settings = new[] { $"ConnectionStrings:Postgres={connection}", $"ConnectionStrings:Redis={redis.ConnectionString}" };
        TestAccount account;
        TestAccount revoked;
        string before;
        await using (var gateway = await TestGateway.StartAsync(settings))
        {
            account = await gateway.CreateAccountAsync();
            revoked = await gateway.CreateAccountAsync();
            (await gateway.Admin.DeleteAsync(new Uri($"/api/v1/keys/{revoked.KeyId}", UriKind.Relative))).EnsureSuccessStatusCode();
            await CallAsync(account, 3);
            before = await BalanceAsync(account);
            await RunAsync("Back up PostgreSQL");
            await CallAsync(account, 4);
        }

        await RunAsync("Restore PostgreSQL");

        await using (var next = await TestGateway.StartAsync(settings))
        {
            var there = account with { Gateway = next };
            (await BalanceAsync(there)).Should().Be(before, "what came after the backup is gone");
            await CallAsync(there, 4);
            await there.ShouldAddUpAsync();
            using var refused = await (revoked with { Gateway = next }).ChatAsync("sim");
            refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized, "keys are hashes in the database");
        }

        await RunAsync("Rotate the database's password");

        settings[0] = settings[0].Replace("Username=mixgateway", "Username=mixgateway_b", StringComparison.Ordinal);
        await using var rotated = await TestGateway.StartAsync(settings);
        await CallAsync(account with { Gateway = rotated }, 5);
        (await ScalarAsync(admin.Replace("Database=postgres", "Database=mixgateway", StringComparison.Ordinal), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'mixgateway'"))
            .Should().Be(0L, "everything keeps one owner");
        await FluentActions.Awaiting(() => ScalarAsync(connection, "SELECT 1")).Should().ThrowAsync<PostgresException>("the old role signs in no more");
    }

    /// <summary>The variables of the page, for the server that all tests share.</summary>
    private async Task<(string Connection, string Admin)> UsePostgresAsync(RedisServer redis)
    {
        var admin = (await PostgresServer.SharedAsync()).ConnectionString("postgres");
        await ClearAsync(admin);
        var server = new NpgsqlConnectionStringBuilder(admin);
        var binaries = Path.GetDirectoryName((await PostgresBinaries.FindAsync()).Command("pg_dump")[^1])!;
        _environment["PATH"] = $"{binaries}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        _environment["DATABASE"] = $"postgresql://mixgateway@{server.Host}:{server.Port}/mixgateway";
        _environment["DATABASE_ADMIN"] = $"postgresql://{server.Username}@{server.Host}:{server.Port}/postgres";
        _environment["REDIS"] = UriOf(redis);
        return (new NpgsqlConnectionStringBuilder(admin) { Username = "mixgateway", Database = "mixgateway", Pooling = true }.ToString(), admin);
    }

    /// <summary>Runs every shell command below a heading of the page, in their order.</summary>
    /// <param name="only">Only those that have this in them.</param>
    private async Task RunAsync(string heading, string only = "")
    {
        var page = RepositoryFiles.Read("docs/operations.md");
        var section = Regex.Match(page, $"^##+ {Regex.Escape(heading)}\n(.*?)(?=^##+ |\\z)", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
        var commands = Shell().Matches(section).Select(static block => block.Groups[1].Value).Where(block => block.Contains(only, StringComparison.Ordinal)).ToList();
        commands.Should().NotBeEmpty("\"{0}\" has commands", heading);
        var start = new ProcessStartInfo("bash", ["-euc", string.Join('\n', commands)]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.FullName };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, "{0} wrote {1}{2}", heading, await errors, await output);
    }

    private static async Task CallAsync(TestAccount account, int until)
    {
        for (var calls = (await account.UsageAsync()).Count; calls < until; calls++)
        {
            using var answer = await account.ChatAsync("sim+chunks=3");
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await account.UsageAsync(until);
        await account.ShouldAddUpAsync();
    }

    private static async Task<string> BalanceAsync(TestAccount account) => (await account.ReadAsync()).GetProperty("balance").GetString()!;

    private static string UriOf(RedisServer redis) => string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{redis.Port}");

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>The names are the page's, so nothing of them may be left.</summary>
    private static async Task ClearAsync(string admin)
    {
        foreach (var sql in (string[])["DROP DATABASE IF EXISTS mixgateway WITH (FORCE)", "DROP DATABASE IF EXISTS mixgateway_before WITH (FORCE)", "DROP DATABASE IF EXISTS restored WITH (FORCE)", "DROP ROLE IF EXISTS mixgateway_b", "DROP ROLE IF EXISTS mixgateway"])
        {
            await ScalarAsync(admin, sql);
        }
    }

    [GeneratedRegex("^ *```bash\n(.*?)^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shell();
}
