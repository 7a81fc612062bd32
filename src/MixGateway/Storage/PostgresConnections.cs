using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace MixGateway.Storage;

/// <summary>
/// Our defaults for what the operator's connection string leaves open. Some follow what the server says when the gateway starts: how many
/// connections it allows, and whether it is a pooler, behind which two statements of one client may meet two servers.
/// </summary>
internal sealed partial class PostgresConnections(string connectionString, ILogger<PostgresConnections> logger)
{
    /// <summary>Connections of one gateway: three of them fit into the hundred that PostgreSQL allows by default. Bookings share theirs, so more do not help.</summary>
    public const int DefaultPoolSize = 30;

    /// <summary>Statements that are kept prepared on each connection.</summary>
    private const int PreparedStatements = 64;

    /// <summary>Left for whoever looks after the database under the same role.</summary>
    private const int Spared = 2;

    private const int LeastPoolSize = 2;
    private const int PatienceSeconds = 5;

    /// <summary>By the role that signed in, whatever role it acts as; a superuser has no limit of its own.</summary>
    private const string Ask =
        """
        SELECT pg_backend_pid(),
            (SELECT CASE WHEN rolsuper THEN -1 ELSE rolconnlimit END FROM pg_roles WHERE rolname = session_user),
            (SELECT datconnlimit FROM pg_database WHERE datname = current_database()),
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        """;

    /// <summary>The connection string to work with. Asks the server once; one that does not answer is taken for a pooler, which is always right and a little slower.</summary>
    public string Complete()
    {
        // By the names that Npgsql writes: it has read and written this string before.
        var said = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var saysPool = said.ContainsKey("Maximum Pool Size");
        var saysPrepare = said.ContainsKey("Max Auto Prepare");
        if (!saysPool)
        {
            settings.MaxPoolSize = Math.Max(DefaultPoolSize, settings.MinPoolSize);
        }

        var server = AskServer(settings);
        if (server is { IsPooler: true })
        {
            Log.Pooler(logger);
        }

        if (!saysPrepare)
        {
            settings.MaxAutoPrepare = server is { IsPooler: false } ? PreparedStatements : 0;
        }

        // DISCARD ALL has nothing to discard: whatever a session sets here ends with its transaction.
        settings.NoResetOnClose = true;
        if (server is { IsPooler: false, Allowed: { } allowed } && PoolSize(settings.MaxPoolSize, allowed) is var size && size < settings.MaxPoolSize)
        {
            Log.Fewer(logger, allowed, size, settings.Username ?? "");
            settings.MaxPoolSize = size;
            settings.MinPoolSize = Math.Min(settings.MinPoolSize, size);
        }

        return settings.ToString();
    }

    /// <summary>How many connections to open of those that the server allows.</summary>
    internal static int PoolSize(int wanted, int allowed) => Math.Min(wanted, Math.Max(allowed - Spared, LeastPoolSize));

    /// <summary>The least of the limits that hold; negative ones are none.</summary>
    internal static int? Least(params ReadOnlySpan<int> limits)
    {
        int? least = null;
        foreach (var limit in limits)
        {
            least = limit < 0 || limit > least ? least : limit;
        }

        return least;
    }

    private static ServerFacts? AskServer(NpgsqlConnectionStringBuilder settings)
    {
        var single = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, MaxAutoPrepare = 0, Timeout = PatienceSeconds, CommandTimeout = PatienceSeconds };
        try
        {
            using var connection = new NpgsqlConnection(single.ConnectionString);
            connection.Open();
            using var command = new NpgsqlCommand(Ask, connection);
            using var reader = command.ExecuteReader();
            reader.Read();

            // A pooler hands out numbers of its own: the process behind it changes from one transaction to the next.
            return new ServerFacts(reader.GetInt32(0) != connection.ProcessID, Least(reader.GetInt32(1), reader.GetInt32(2), reader.GetInt32(3)));
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException or InvalidCastException)
        {
            // Whoever migrates says what is wrong, or waits.
            return null;
        }
    }

    private sealed record ServerFacts(bool IsPooler, int? Allowed);

    private static partial class Log
    {
        [LoggerMessage(EventName = "PostgresPooler", Level = LogLevel.Information, Message = "PostgreSQL is behind a pooler: statements are not prepared (Max Auto Prepare in ConnectionStrings:Postgres sets how many are)")]
        public static partial void Pooler(ILogger logger);

        [LoggerMessage(EventName = "PostgresConnectionsLimited", Level = LogLevel.Warning, Message = "PostgreSQL allows {Allowed} connections: this gateway opens at most {Size}. If several gateways share them, set Maximum Pool Size in ConnectionStrings:Postgres so that all together open fewer, or allow more: ALTER ROLE \"{Role}\" CONNECTION LIMIT, ALTER DATABASE, or max_connections")]
        public static partial void Fewer(ILogger logger, int allowed, int size, string role);
    }
}
