using Microsoft.Data.Sqlite;

namespace MixGateway.Storage;

/// <summary>The embedded database: one file, written durably.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    /// <summary>
    /// A commit has reached the disk when it returns (FULL; NORMAL may lose the last ones when power fails), and a writer waits up to
    /// five seconds for another one. Set on every connection: neither is kept in the file.
    /// </summary>
    public const string Pragmas = "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;";

    public SqliteDatabase(DataFolder folder)
        : this(Path.Combine(folder.Path, "mixgateway.db"))
    {
    }

    public SqliteDatabase(string file)
    {
        File = file;
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, DefaultTimeout = 5 }.ToString();
    }

    public string File { get; }

    public string ConnectionString { get; }

    /// <summary>Opens a connection whose commits are durable, in write-ahead mode so that readers and the writer do not wait for each other.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; " + Pragmas;
            command.ExecuteNonQuery();
            return connection;
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Closes the pooled connections, and with the last one the write-ahead log is folded into the file.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }
}
