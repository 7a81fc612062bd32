using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using MixGateway.Storage;
using Npgsql;

namespace MixGateway.Tests.Storage;

public sealed class PostgresConnectionsTests
{
    [Theory]
    [InlineData(30, 100, 30)]
    [InlineData(30, 10, 8)]
    [InlineData(30, 3, 2)]
    [InlineData(30, 0, 2)]
    [InlineData(5, 10, 5)]
    public void PoolSize_FollowsWhatTheServerAllows(int wanted, int allowed, int size) => PostgresConnections.PoolSize(wanted, allowed).Should().Be(size);

    [Fact]
    public void DefaultPoolSize_OfThreeReplicas_FitsIntoWhatPostgresAllowsByDefault() => (3 * PostgresConnections.DefaultPoolSize).Should().BeLessThan(100 - 3);

    [Fact]
    public void Least_NegativeLimits_AreNone()
    {
        PostgresConnections.Least(-1, 20, 97).Should().Be(20);
        PostgresConnections.Least(5, -1, 97).Should().Be(5);
        PostgresConnections.Least(-1, -1).Should().BeNull();
    }

    [Theory]
    [InlineData("", 30, 0)]
    [InlineData(";Maximum Pool Size=7;Max Auto Prepare=5", 7, 5)]
    [InlineData(";Minimum Pool Size=40", 40, 0)]
    public void Complete_ServerThatDoesNotAnswer_KeepsWhatWasSaidAndPreparesNothing(string said, int pool, int prepared)
    {
        var settings = new NpgsqlConnectionStringBuilder(new PostgresConnections("Host=127.0.0.1;Port=1" + said, NullLogger<PostgresConnections>.Instance).Complete());

        (settings.MaxPoolSize, settings.MaxAutoPrepare, settings.NoResetOnClose).Should().Be((pool, prepared, true));
    }

    [Theory]
    [InlineData("57P03", true)]
    [InlineData("53300", true)]
    [InlineData("08006", true)]
    [InlineData("28P01", false)]
    [InlineData("3D000", false)]
    [InlineData("42501", false)]
    public void Start_DatabaseThatRefuses_IsWaitedForOnlyIfThatMayPass(string state, bool mayPass) =>
        PostgresMigrator.IsAway(new PostgresException("no", "FATAL", "FATAL", state)).Should().Be(mayPass);

    [Fact]
    public void Reason_OfATlsHandshake_IsTheCauseWithin() =>
        PostgresMigrator.Reason(new NpgsqlException("Exception while performing SSL handshake", new System.Security.Authentication.AuthenticationException("See inside.", new InvalidOperationException("UntrustedRoot."))))
            .Should().Be("Exception while performing SSL handshake: UntrustedRoot");

    [Fact]
    public void Start_DatabaseThatCannotBeReached_IsWaitedFor()
    {
        PostgresMigrator.IsAway(new NpgsqlException("no", new SocketException((int)SocketError.ConnectionRefused))).Should().BeTrue();
        PostgresMigrator.IsAway(new NpgsqlException("no", new TimeoutException())).Should().BeTrue();
        PostgresMigrator.IsAway(new NpgsqlException("no", new System.Security.Authentication.AuthenticationException("certificate"))).Should().BeFalse();
    }
}
