using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MixGateway.Storage;

/// <summary>Tells a database that cannot be asked now from a mistake in what it is asked.</summary>
internal static class DatabaseFault
{
    /// <summary>True for what a database throws that is down, cut off or too slow. EF Core wraps what it takes for transient.</summary>
    public static bool IsAway(Exception exception) => exception is DbException or TimeoutException
        or InvalidOperationException { InnerException: DbException or TimeoutException }
        or DbUpdateException { InnerException: DbException or TimeoutException };

    /// <summary>True if what was to be stored is there already, by a key or an index that allows it once.</summary>
    public static bool IsDuplicate(DbUpdateException exception) => exception.InnerException
        is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } or SqliteException { SqliteExtendedErrorCode: 1555 or 2067 };
}
