using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>The database in one file. Ids are text there: upper-case hexadecimal sorts as the id's bytes do, as on PostgreSQL.</summary>
internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options) : GatewayDbContext(options)
{
    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // A sum beyond 64 bits becomes a floating-point number in SQLite, silently. PostgreSQL refuses it by itself.
        modelBuilder.Entity<UsageDailyRow>().ToTable(table => table.HasCheckConstraint(
            "ck_usage_daily_integers", "typeof(cost) = 'integer' AND typeof(charged) = 'integer'"));
        modelBuilder.Entity<UsageSpendRow>().ToTable(table => table.HasCheckConstraint("ck_usage_spend_integers", "typeof(charged) = 'integer'"));
        modelBuilder.Entity<AccountRow>().ToTable(table => table.HasCheckConstraint(
            "ck_accounts_integers", "typeof(balance) = 'integer' AND typeof(version) = 'integer'"));
    }
}
