using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Tests.Storage;

public sealed class SqliteStorageTests : StorageContract, IAsyncLifetime
{
    private readonly SqliteFile _file = new();

    public Task InitializeAsync() => _file.MigrateAsync();

    public Task DisposeAsync()
    {
        _file.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void Folder_Created_IsItsOwnersAlone()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(_file.Folder).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task Folder_OfARunningGateway_IsRefusedUntilItStops()
    {
        using (var second = new SqliteFile(_file.Folder))
        {
            var act = second.MigrateAsync;
            (await act.Should().ThrowAsync<DatabaseRefusedException>()).Which.Message.Should().Contain("Data:Path").And.Contain(_file.Folder);
            second.Close();
            _file.Close();
        }

        using var third = new SqliteFile(_file.Folder);
        await third.MigrateAsync();
    }

    [Fact]
    public async Task Connections_OfEfCoreAndTheBooks_WriteDurablyAndAhead()
    {
        await using var context = _file.NewContext();
        await context.Database.OpenConnectionAsync();
        await using var books = _file.Database.Open();
        foreach (var connection in new[] { (SqliteConnection)context.Database.GetDbConnection(), books })
        {
            (await PragmaAsync(connection, "synchronous")).Should().Be("2");
            (await PragmaAsync(connection, "journal_mode")).Should().Be("wal");
            (await PragmaAsync(connection, "busy_timeout")).Should().Be("5000");
            (await PragmaAsync(connection, "foreign_keys")).Should().Be("1");
        }
    }

    [Fact]
    public async Task Migrator_LockLeftByAKilledOne_DoesNotWait()
    {
        using var file = new SqliteFile();
        Directory.CreateDirectory(file.Folder);
        await using (var connection = file.Database.Open())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01 00:00:00');
                """;
            await command.ExecuteNonQueryAsync();
        }

        await file.MigrateAsync().WaitAsync(TimeSpan.FromSeconds(30));

        await using var context = file.NewContext();
        (await context.Accounts.CountAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Migrator_FileThatIsNoDatabase_SaysWhichFile()
    {
        using var file = new SqliteFile();
        Directory.CreateDirectory(file.Folder);
        await File.WriteAllTextAsync(Path.Combine(file.Folder, "mixgateway.db"), new string('x', 5000));

        var act = file.MigrateAsync;

        (await act.Should().ThrowAsync<DatabaseRefusedException>()).Which.Message.Should().Contain("Data:Path").And.Contain("mixgateway.db");
    }

    private protected override GatewayDbContext NewContext() => _file.NewContext();

    private protected override Task MigrateAgainAsync() => _file.MigrateAsync();

    private static async Task<string> PragmaAsync(SqliteConnection connection, string name)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return (await command.ExecuteScalarAsync())!.ToString()!;
    }
}
