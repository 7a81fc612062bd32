using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class LedgerEntryConfiguration : IEntityTypeConfiguration<LedgerEntryRow>
{
    public void Configure(EntityTypeBuilder<LedgerEntryRow> builder)
    {
        builder.ToTable("ledger_entries");
        builder.HasKey(entry => new { entry.AccountId, entry.Sequence });
        builder.Property(entry => entry.Sequence).ValueGeneratedNever();
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(entry => entry.AccountId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(entry => entry.Kind).HasConversion<LowerCaseEnum<LedgerKind>>();
        builder.HasIndex(entry => new { entry.AccountId, entry.IdempotencyKey }).IsUnique().HasFilter("idempotency_key IS NOT NULL");

        // The last guard of exactly once: no call is charged twice, whatever its records say.
        builder.HasIndex(entry => entry.RequestId).IsUnique().HasFilter("kind = 'usage'");

        // Filters by kind look for the few entries that are no calls among the many that are.
        builder.HasIndex(entry => new { entry.AccountId, entry.Sequence }).HasFilter("kind <> 'usage'");

        // A correction is looked for by its id alone; the many charges of calls stay out of the index.
        builder.HasIndex(entry => entry.Id).IsUnique().HasFilter("kind = 'adjustment'");
    }
}
