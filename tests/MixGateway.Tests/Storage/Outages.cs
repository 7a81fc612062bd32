using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using StackExchange.Redis;

namespace MixGateway.Tests.Storage;

/// <summary>What drivers throw while a store is away, in the wrappings in which it reaches whoever asked.</summary>
internal static class Outages
{
    private static readonly Dictionary<string, Func<Exception>> Makers = new()
    {
        ["Npgsql"] = static () => Npgsql(),
        ["DbUpdate(Npgsql)"] = static () => new DbUpdateException("saving", Npgsql()),
        ["InvalidOperation(DbUpdate(Npgsql))"] = static () => new InvalidOperationException("transient", new DbUpdateException("saving", Npgsql())),
        ["InvalidOperation(Postgres)"] = static () => new InvalidOperationException("transient", Terminated()),
        ["RetryLimitExceeded(Postgres)"] = static () => new RetryLimitExceededException("six times", Terminated()),
        ["Aggregate(other, DbUpdate(Postgres))"] = static () => new AggregateException(new InvalidOperationException("first"), new DbUpdateException("saving", Terminated())),
        ["Timeout"] = static () => new TimeoutException(),
        ["Npgsql(Timeout)"] = static () => new NpgsqlException("Exception while reading from stream", new TimeoutException()),
        ["InvalidOperation(Sqlite)"] = static () => new InvalidOperationException("transient", new SqliteException("disk I/O error", 10)),
        ["Socket"] = static () => new SocketException((int)SocketError.ConnectionReset),
        ["InvalidOperation(EndOfStream)"] = static () => new InvalidOperationException("transient", new EndOfStreamException()),
        ["prepared statement of another connection"] = static () => new DbUpdateException("saving", Postgres("26000")),
    };

    private static readonly Dictionary<string, Func<Exception>> RedisMakers = new()
    {
        ["RedisConnection"] = static () => new RedisConnectionException(ConnectionFailureType.SocketFailure, CommandFlags.None, "gone", null, CommandStatus.Sent),
        ["RedisTimeout"] = static () => new RedisTimeoutException(CommandFlags.None, "late", CommandStatus.Sent),
        ["Aggregate(RedisConnection, RedisTimeout)"] = static () =>
            new AggregateException(new RedisConnectionException(ConnectionFailureType.SocketFailure, CommandFlags.None, "gone", null, CommandStatus.Sent), new RedisTimeoutException(CommandFlags.None, "late", CommandStatus.Sent)),
        ["LOADING"] = static () => new RedisServerException(RedisErrorKind.Unknown, CommandFlags.None, "LOADING Redis is loading the dataset in memory"),
        ["ObjectDisposed"] = static () => new ObjectDisposedException("multiplexer"),
    };

    /// <summary>Of a database.</summary>
    public static TheoryData<string> OfDatabases => [.. Makers.Keys];

    /// <summary>Of a database and of the hot store.</summary>
    public static TheoryData<string> All => [.. Makers.Keys, .. RedisMakers.Keys];

    public static Exception Make(string name) => Makers.TryGetValue(name, out var make) ? make() : RedisMakers[name]();

    private static NpgsqlException Npgsql() => new("Exception while reading from stream", new EndOfStreamException());

    private static PostgresException Terminated() => Postgres("57P01");

    private static PostgresException Postgres(string state) => new("terminating connection due to administrator command", "FATAL", "FATAL", state);
}
