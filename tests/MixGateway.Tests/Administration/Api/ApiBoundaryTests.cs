using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using MixGateway.Administration.Api;
using Npgsql;

namespace MixGateway.Tests.Administration.Api;

public sealed class ApiBoundaryTests
{
    [Theory]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(8, true)]
    [InlineData(10, true)]
    [InlineData(13, true)]
    [InlineData(14, true)]
    [InlineData(1, false)]
    [InlineData(19, false)]
    public void EmbeddedDatabase_ThatIsLockedFullOrCannotBeWritten_IsAway(int errorCode, bool isAway) =>
        ApiBoundary.IsDatabaseAway(new DbUpdateException("saving", new SqliteException("says why", errorCode))).Should().Be(isAway);

    [Theory]
    [InlineData("57P01", true)]
    [InlineData("57P03", true)]
    [InlineData("53100", true)]
    [InlineData("53300", true)]
    [InlineData("25006", true)]
    [InlineData("23505", false)]
    [InlineData("42P01", false)]
    public void Postgres_ThatStopsIsFullOrTakesNoChanges_IsAway(string sqlState, bool isAway) =>
        ApiBoundary.IsDatabaseAway(new InvalidOperationException("running", new PostgresException("says why", "ERROR", "ERROR", sqlState))).Should().Be(isAway);
}
