using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MixGateway.Storage;

/// <summary>
/// Lets <c>dotnet ef migrations add NAME --project src/MixGateway --context PostgresDbContext --output-dir Storage/Migrations/Postgres</c>
/// work without a database or the gateway's start.
/// </summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresDbContext>
{
    public PostgresDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresDbContext>().UseNpgsql("Host=localhost").Options);
}

/// <summary>As <see cref="PostgresDesignTimeFactory"/>, with <c>--context SqliteDbContext --output-dir Storage/Migrations/Sqlite</c>.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteDbContext>
{
    public SqliteDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteDbContext>().UseSqlite("Data Source=:memory:").Options);
}
