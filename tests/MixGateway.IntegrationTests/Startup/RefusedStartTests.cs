using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MixGateway.IntegrationTests.Fixtures;
using Npgsql;

namespace MixGateway.IntegrationTests.Startup;

/// <summary>A gateway that cannot start says which setting to look at, in words, and ends with 1.</summary>
public sealed class RefusedStartTests
{
    [Fact]
    public async Task Migrate_DatabaseDoesNotAnswer_NamesTheSettingAndKeepsThePassword()
    {
        using var folder = new StartupFolder();
        var port = ClosedPort();

        var (exitCode, output) = await folder.RunAsync($"--ConnectionStrings:Postgres=Host=127.0.0.1;Port={port};Database=mix;Username=gate;Password=pass-5f1c2b9d", "--migrate");

        ShouldBeRefused(exitCode, output, "ConnectionStrings:Postgres", $"127.0.0.1:{port}", "mix", "gate");
        output.Should().NotContain("pass-5f1c2b9d");
    }

    [Fact]
    public async Task Start_DatabaseDoesNotAnswerYet_SaysSoAndWaitsForIt()
    {
        using var folder = new StartupFolder();
        await using var server = await PostgresServer.StartNewAsync();
        await server.CreateDatabaseAsync("later");
        await server.StopAsync();
        await using var gateway = folder.Start("Production", $"--ConnectionStrings:Postgres={server.ConnectionString("later")};Password=pass-5f1c2b9d");
        await gateway.AwaitOutputAsync("The gateway waits for the database");
        gateway.HasExited.Should().BeFalse();

        await server.StartAsync();

        using var client = GatewayProcess.Client(await gateway.AddressAsync(), "nobody");
        using var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        ready.StatusCode.Should().Be(HttpStatusCode.OK);
        gateway.Output.Should().Contain("ConnectionStrings:Postgres").And.NotContain("pass-5f1c2b9d");
    }

    /// <summary>All stores are looked at before one is changed.</summary>
    [Theory]
    [InlineData(",passwort=s3cret-5f1c2b9d", "passwort")]
    [InlineData(",defaultDatabase=99", "defaultDatabase")]
    public async Task Start_RedisStringThatCannotBe_NamesItsKeyAndTouchesNothing(string wrong, string key)
    {
        using var folder = new StartupFolder();
        await using var redis = await RedisServer.StartAsync();
        var server = await PostgresServer.SharedAsync();
        var name = $"untouched_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name);

        var (exitCode, output) = await folder.RunAsync($"--ConnectionStrings:Postgres={server.ConnectionString(name)}", $"--ConnectionStrings:Redis={redis.ConnectionString}{wrong}");

        ShouldBeRefused(exitCode, output, "ConnectionStrings:Redis", key);
        output.Should().NotContain("s3cret-5f1c2b9d");
        await using var connection = new NpgsqlConnection(server.ConnectionString(name) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", connection);
        (await command.ExecuteScalarAsync()).Should().Be(0L);
    }

    [Fact]
    public async Task Start_SettingOfTheWrongKind_NamesIt()
    {
        using var folder = new StartupFolder();

        var (exitCode, output) = await folder.RunAsync("--Limits:MaxRequestBody=32MB");

        ShouldBeRefused(exitCode, output, "Limits:MaxRequestBody");
    }

    [Fact]
    public async Task Start_WithManyMistakes_NamesThemAll()
    {
        using var folder = new StartupFolder();
        string[] mistakes =
        [
            "Quotas:Lease=abc", "Quotas:Sweep=later", "Telemetry:MaxModels=x", "Console:Registration=Sometimes", "Console:Enabled=maybe", "Payments:Amounts:0=ten",
            "Limits:MaxAttempts=99", "Billing:TimeZone=Mars", "Cors:Origins:0=x", "ForwardedHeaders:KnownProxies:0=y", "ShutdownTimeout=5x",
            "Management:Urls=nonsense", "Bootstrap:AdminToken=short", "Providers:p:Models:m:InputPrice=-1",
        ];

        var (exitCode, output) = await folder.RunAsync([.. mistakes.Select(static mistake => "--" + mistake)]);

        ShouldBeRefused(exitCode, output, [.. mistakes.Select(static mistake => mistake[..mistake.IndexOf('=', StringComparison.Ordinal)])]);
        output.Should().NotContain("Failed to convert");
    }

    [Fact]
    public async Task Start_AddressInUse_SaysSo()
    {
        using var folder = new StartupFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)}";

        var (exitCode, output) = await folder.RunAsync($"--urls={address}");

        ShouldBeRefused(exitCode, output, address, "address already in use");
    }

    [Fact]
    public async Task Start_DataFolderOfAnotherGateway_SaysSo()
    {
        using var folder = new StartupFolder();
        await using var first = folder.Start("Production");
        await first.AddressAsync();

        var (exitCode, output) = await folder.RunAsync();

        ShouldBeRefused(exitCode, output, "Data:Path", folder.Path);
    }

    [Fact]
    public async Task Migrate_OnSqlite_MakesTheDatabaseAndEnds()
    {
        using var folder = new StartupFolder();

        (await folder.RunAsync("--migrate")).ExitCode.Should().Be(0);
        (await folder.RunAsync("--migrate")).ExitCode.Should().Be(0, "there is nothing left to do");

        File.Exists(Path.Combine(folder.Path, "mixgateway.db")).Should().BeTrue();
    }

    [Fact]
    public async Task Migrate_OnPostgres_MakesTheTablesAndEnds()
    {
        using var folder = new StartupFolder();
        var server = await PostgresServer.SharedAsync();
        var name = $"migrate_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name);
        var connectionString = server.ConnectionString(name);

        var (exitCode, output) = await folder.RunAsync($"--ConnectionStrings:Postgres={connectionString}", "--migrate");

        exitCode.Should().Be(0, output);
        output.Should().NotContain("Now listening");
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM usage_records", connection);
        (await command.ExecuteScalarAsync()).Should().Be(0L);
    }

    private static void ShouldBeRefused(int exitCode, string output, params string[] words)
    {
        exitCode.Should().Be(1, output);
        output.Should().ContainAll(words);
        output.Should().NotContain("   at ", "an operator reads words, not a stack trace");
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
