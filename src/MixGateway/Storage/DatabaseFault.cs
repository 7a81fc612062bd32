using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>Tells a database that cannot be asked now from a mistake in what it is asked.</summary>
internal static class DatabaseFault
{
    /// <summary>True for what a database throws that is down, cut off or too slow. EF Core wraps what it takes for transient.</summary>
    public static bool IsAway(Exception exception) => exception is DbException or TimeoutException
        or InvalidOperationException { InnerException: DbException or TimeoutException }
        or DbUpdateException { InnerException: DbException or TimeoutException };
}
