using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;
using Npgsql;

namespace MixGateway.Tests.Storage;

/// <summary>What a failure means, by the database's own code and whatever wraps it.</summary>
public sealed class DatabaseFaultTests
{
    [Theory]
    [InlineData("08006")] // The connection failed.
    [InlineData("25006")] // A write on a server that takes none.
    [InlineData("28P01")] // A password that was changed.
    [InlineData("3D000")] // No such database, or not yet.
    [InlineData("26000")] // A prepared statement that this connection does not have.
    [InlineData("42P05")] // One that it has already.
    [InlineData("40001")] // A serialization failure.
    [InlineData("40P01")] // A deadlock.
    [InlineData("53100")] // The disk is full.
    [InlineData("53300")] // Too many connections.
    [InlineData("55P03")] // A lock that was not available.
    [InlineData("57014")] // A statement that was cancelled.
    [InlineData("57P01")] // An administrator's stop.
    [InlineData("58030")] // An input or output error.
    [InlineData("XX000")] // An internal error.
    public void Postgres_CannotWorkNow_IsAway(string state) => Verdict(Postgres(state)).Should().Be(DatabaseFaultKind.Away);

    [Theory]
    [InlineData("21000")]
    [InlineData("22003")] // Out of range.
    [InlineData("22P05")]
    [InlineData("23502")] // Null where it must not be.
    [InlineData("23503")]
    [InlineData("23505")] // There already.
    [InlineData("23514")]
    [InlineData("44000")]
    [InlineData("54000")]
    [InlineData("P0001")] // A trigger's word.
    public void Postgres_RefusesTheData_IsNoOutage(string state) => Verdict(Postgres(state)).Should().Be(DatabaseFaultKind.Data);

    [Theory]
    [InlineData("42501")] // A right that is missing.
    [InlineData("42703")] // A column that is missing.
    [InlineData("42P01")] // A table that is missing.
    [InlineData("0A000")] // A plan from before a migration.
    public void Postgres_NotSetUpForThisVersion_IsAFaultOfItsOwn(string state) => Verdict(Postgres(state)).Should().Be(DatabaseFaultKind.Unready);

    [Theory]
    [InlineData("42601")]
    [InlineData("42804")]
    [InlineData("42883")]
    public void Postgres_DoesNotUnderstand_IsAMistakeInTheProgram(string state) => Verdict(Postgres(state)).Should().Be(DatabaseFaultKind.Statement);

    [Theory]
    [InlineData(5, "database is locked", DatabaseFaultKind.Away)]
    [InlineData(8, "attempt to write a readonly database", DatabaseFaultKind.Away)]
    [InlineData(10, "disk I/O error", DatabaseFaultKind.Away)]
    [InlineData(13, "database or disk is full", DatabaseFaultKind.Away)]
    [InlineData(26, "file is not a database", DatabaseFaultKind.Away)]
    [InlineData(1, "no such table: accounts", DatabaseFaultKind.Unready)]
    [InlineData(1, "near \"SELEKT\": syntax error", DatabaseFaultKind.Statement)]
    [InlineData(21, "bad parameter or other API misuse", DatabaseFaultKind.Statement)]
    [InlineData(18, "string or blob too big", DatabaseFaultKind.Data)]
    [InlineData(19, "NOT NULL constraint failed", DatabaseFaultKind.Data)]
    [InlineData(20, "datatype mismatch", DatabaseFaultKind.Data)]
    public void Sqlite_ByItsCode_IsTold(int code, string message, object kind) => Verdict(new SqliteException(message, code)).Should().Be((DatabaseFaultKind)kind);

    [Theory]
    [MemberData(nameof(Outages.OfDatabases), MemberType = typeof(Outages))]
    public void Outage_HoweverItIsWrapped_MayPass(string outage) => DatabaseFault.MayPass(Outages.Make(outage)).Should().BeTrue();

    [Fact]
    public void Mistake_HoweverItIsWrapped_DoesNotPass()
    {
        DatabaseFault.MayPass(new DbUpdateException("saving", Postgres("23505"))).Should().BeFalse();
        DatabaseFault.MayPass(new InvalidOperationException("Sequence contains no elements")).Should().BeFalse();
        DatabaseFault.MayPass(new AggregateException(new ArgumentException("one"), new InvalidOperationException("two"))).Should().BeFalse();
    }

    [Fact]
    public void Network_WithoutACode_IsAway()
    {
        Verdict(new NpgsqlException("Exception while reading from stream", new EndOfStreamException())).Should().Be(DatabaseFaultKind.Away);
        Verdict(new NpgsqlException("The connection pool has been exhausted")).Should().Be(DatabaseFaultKind.Away);
        Verdict(new NpgsqlException("Failed to connect", new SocketException((int)SocketError.ConnectionRefused))).Should().Be(DatabaseFaultKind.Away);
        Verdict(new TimeoutException()).Should().Be(DatabaseFaultKind.Away);
    }

    [Fact]
    public void Mistake_OfTheProgram_IsNoOutage()
    {
        Verdict(new InvalidOperationException("Sequence contains no elements")).Should().Be(DatabaseFaultKind.None);
        Verdict(new FormatException()).Should().Be(DatabaseFaultKind.None);
        Verdict(new HttpRequestException("to a payment provider", new SocketException((int)SocketError.ConnectionRefused))).Should().Be(DatabaseFaultKind.None);
        DatabaseFault.IsAway(null).Should().BeFalse();
    }

    /// <summary>The same through every wrapping in which the libraries hand it on.</summary>
    private static DatabaseFaultKind Verdict(Exception exception)
    {
        var kind = DatabaseFault.KindOf(exception);
        Exception[] wrapped =
        [
            new DbUpdateException("An error occurred while saving the entity changes.", exception),
            new InvalidOperationException("An exception has been raised that is likely due to a transient failure.", exception),
            new InvalidOperationException("transient", new DbUpdateException("saving", exception)),
            new AggregateException(new InvalidOperationException("transient", new DbUpdateException("saving", exception))),
        ];
        wrapped.Should().OnlyContain(outer => DatabaseFault.KindOf(outer) == kind && DatabaseFault.IsAway(outer) == (kind == DatabaseFaultKind.Away));
        return kind;
    }

    private static PostgresException Postgres(string state) => new("said by the server", "ERROR", "ERROR", state);
}
