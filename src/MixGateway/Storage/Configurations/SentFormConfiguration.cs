using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class SentFormConfiguration : IEntityTypeConfiguration<SentFormRow>
{
    private const int Sha256Length = 32;

    public void Configure(EntityTypeBuilder<SentFormRow> builder)
    {
        builder.ToTable("sent_forms");
        builder.HasKey(form => form.Id);
        builder.Property(form => form.Id).HasMaxLength(Sha256Length);
        builder.HasIndex(form => form.ExpiresAt);
    }
}
