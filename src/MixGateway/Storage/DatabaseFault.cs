using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MixGateway.Storage;

/// <summary>What a failure says of the database.</summary>
internal enum DatabaseFaultKind
{
    /// <summary>Nothing: whatever failed, no database said so. A mistake in the program.</summary>
    None,

    /// <summary>It cannot do its work now: down, cut off, too slow, full, read-only. The same may succeed later.</summary>
    Away,

    /// <summary>It is not set up as this version needs it: a table, a column or a right is missing. The same succeeds once somebody has put that right.</summary>
    Unready,

    /// <summary>It does not take this data, and never will: a constraint, a range, a size.</summary>
    Data,

    /// <summary>It does not understand what it is asked: a mistake in the program.</summary>
    Statement,
}

/// <summary>Tells a database that cannot be asked now from a mistake in what it is asked, by its error codes and not by the type of what wraps them. What only the network threw may be about any other server.</summary>
internal static class DatabaseFault
{
    private const int SqliteError = 1;

    /// <summary>True for what a database throws that cannot do its work now, however it is wrapped.</summary>
    public static bool IsAway(Exception? exception) => KindOf(exception) == DatabaseFaultKind.Away;

    /// <summary>True for data that the database refuses whenever it is asked.</summary>
    public static bool IsRefusal(Exception? exception) => KindOf(exception) == DatabaseFaultKind.Data;

    /// <summary>
    /// For those who talk to nobody but the database: true for what may go better later. It is away or not set up yet, or its driver or the
    /// network said something that has no code, as they do when a connection is torn in the wrong moment.
    /// </summary>
    public static bool MayPass(Exception exception) => KindOf(exception) switch
    {
        DatabaseFaultKind.Away or DatabaseFaultKind.Unready => true,
        DatabaseFaultKind.None => IsOfTheWire(exception),
        _ => false,
    };

    /// <summary>True if what was to be stored exists already, by a key or an index that allows it once.</summary>
    public static bool IsDuplicate(DbUpdateException exception) => exception.InnerException
        is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } or SqliteException { SqliteExtendedErrorCode: 1555 or 2067 };

    /// <summary>The verdict of the first exception in the chain that a database or the network made.</summary>
    public static DatabaseFaultKind KindOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is AggregateException { InnerExceptions.Count: > 1 } many)
            {
                return many.InnerExceptions.Select(KindOf).FirstOrDefault(static kind => kind != DatabaseFaultKind.None);
            }

            var kind = exception switch
            {
                PostgresException postgres => KindOf(postgres.SqlState),
                SqliteException sqlite => KindOf(sqlite),
                // Without a state it did not come from the server: connecting, reading, writing, waiting for a place in the pool.
                NpgsqlException or TimeoutException => DatabaseFaultKind.Away,
                _ => DatabaseFaultKind.None,
            };
            if (kind != DatabaseFaultKind.None)
            {
                return kind;
            }
        }

        return DatabaseFaultKind.None;
    }

    private static bool IsOfTheWire(Exception? exception)
    {
        while (exception is not (null or IOException or SocketException or InvalidOperationException { Source: "Npgsql" }))
        {
            exception = exception.InnerException;
        }

        return exception is not null;
    }

    /// <summary>By the classes of PostgreSQL's appendix A; what is in none of them is about the server.</summary>
    private static DatabaseFaultKind KindOf(string sqlState) => sqlState switch
    {
        // A right that is missing, a table or column that is not there (yet, or any more), a plan from before a migration.
        PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.FeatureNotSupported => DatabaseFaultKind.Unready,
        // A statement that this connection has not prepared, or has already: behind a pooler another server answers. Any other try may do.
        PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement => DatabaseFaultKind.Away,
        // Cardinality, data, constraints; what triggers raise; limits of the program such as rows that are too long.
        ['2', '1' or '2' or '3', ..] or ['4', '4', ..] or ['P', '0', ..] or ['5', '4', ..] => DatabaseFaultKind.Data,
        ['4', '2', ..] or ['0', 'A', ..] or ['2', '6', ..] or ['3', '4', ..] => DatabaseFaultKind.Statement,
        _ => DatabaseFaultKind.Away,
    };

    private static DatabaseFaultKind KindOf(SqliteException exception) => exception.SqliteErrorCode switch
    {
        // Too big, constraint, mismatch, a parameter out of range.
        18 or 19 or 20 or 25 => DatabaseFaultKind.Data,
        SqliteError => exception.Message.Contains("no such ", StringComparison.Ordinal) ? DatabaseFaultKind.Unready : DatabaseFaultKind.Statement,
        // Internal, not found, misuse.
        2 or 12 or 21 => DatabaseFaultKind.Statement,
        // Busy, locked, read-only, input and output, damaged, full, cannot be opened, no database, and their like.
        _ => DatabaseFaultKind.Away,
    };
}
