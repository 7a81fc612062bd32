using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>The database on PostgreSQL.</summary>
internal sealed class PostgresDbContext(DbContextOptions<PostgresDbContext> options) : GatewayDbContext(options)
{
    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // json, not jsonb: jsonb refuses an escaped NUL, and what is kept here may be what nothing else took.
        modelBuilder.Entity<RejectedEventRow>().Property(rejected => rejected.Payload).HasColumnType("json");
        modelBuilder.Entity<AuditEntryRow>().Property(entry => entry.Before).HasColumnType("json");
        modelBuilder.Entity<AuditEntryRow>().Property(entry => entry.After).HasColumnType("json");
    }
}
