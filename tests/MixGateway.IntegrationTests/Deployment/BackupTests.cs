using System.Diagnostics;
using System.Net;
using MixGateway.IntegrationTests.Fixtures;
using Npgsql;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>The backup of docs/operations.md, restored: PostgreSQL is all that has to be kept.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-backup-");

    [Fact]
    public async Task Restore_IntoANewDatabaseWithAnEmptyRedis_HasAllThatWasBooked()
    {
        await using var stores = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(stores.Settings);
        var account = await gateway.CreateAccountAsync(credit: "5");
        var revoked = await gateway.CreateAccountAsync();
        (await gateway.Admin.DeleteAsync(new Uri($"/api/v1/keys/{revoked.KeyId}", UriKind.Relative))).EnsureSuccessStatusCode();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await account.ChatAsync("sim+chunks=3");
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count == 3, "three records");
        var before = await account.ReadAsync();

        var restored = await RestoreAsync(await BackupAsync(DatabaseOf(stores)), DatabaseOf(stores));
        await using var redis = await RedisServer.StartAsync(RedisServer.Durable);
        await using var next = await TestGateway.StartAsync($"ConnectionStrings:Postgres={restored}", $"ConnectionStrings:Redis={redis.ConnectionString}");

        var there = account with { Gateway = next };
        var after = await there.ReadAsync();
        after.GetProperty("balance").GetString().Should().Be(before.GetProperty("balance").GetString());
        (await there.UsageAsync()).Should().HaveCount(3);
        await there.ShouldAddUpAsync();
        using var call = await there.ChatAsync("sim+chunks=3");
        call.StatusCode.Should().Be(HttpStatusCode.OK, "keys are hashes in the database, and holds start anew");
        using var refused = await (revoked with { Gateway = next }).ChatAsync("sim");
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Redis_Emptied_IsFilledAgainFromTheDatabase()
    {
        await using var stores = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync(stores.Settings);
        var account = await gateway.CreateAccountAsync(credit: "5");
        using (var first = await account.ChatAsync("sim+chunks=3"))
        {
            first.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count == 1, "a record");
        await RunAsync("redis-cli", "-p", stores.Redis!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "FLUSHALL");

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

    private static string DatabaseOf(StoreSet stores) => stores.Settings[0]["ConnectionStrings:Postgres=".Length..];

    private async Task<string> BackupAsync(string database)
    {
        var file = Path.Combine(_folder.FullName, "mixgateway.dump");
        await RunAsync(await ProgramAsync("pg_dump"), "--format=custom", $"--file={file}", UriOf(database));
        return file;
    }

    private static async Task<string> RestoreAsync(string file, string beside)
    {
        var settings = new NpgsqlConnectionStringBuilder(beside);
        var name = $"restored_{Guid.NewGuid():N}";
        var server = await PostgresServer.SharedAsync();
        await server.CreateDatabaseAsync(name);
        settings.Database = name;
        await RunAsync(await ProgramAsync("pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction", $"--dbname={UriOf(settings.ToString())}", file);
        return settings.ToString();
    }

    /// <summary>As PostgreSQL's own programs write it.</summary>
    private static string UriOf(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return $"postgresql://{settings.Username}@{settings.Host}:{settings.Port}/{settings.Database}";
    }

    private static async Task<string> ProgramAsync(string name) => (await PostgresBinaries.FindAsync()).Command(name)[^1];

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, "{0} wrote {1}{2}", program, await errors, await output);
    }
}
