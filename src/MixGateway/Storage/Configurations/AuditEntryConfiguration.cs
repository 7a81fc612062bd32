using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntryRow>
{
    public void Configure(EntityTypeBuilder<AuditEntryRow> builder)
    {
        builder.ToTable("audit_entries");
        builder.HasKey(entry => entry.Id);
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.HasIndex(entry => new { entry.Target, entry.Id });
        builder.HasIndex(entry => new { entry.Actor, entry.Id });
        builder.HasIndex(entry => new { entry.AccountId, entry.Id }).HasFilter("account_id IS NOT NULL");
        builder.HasIndex(entry => entry.At);
    }
}
