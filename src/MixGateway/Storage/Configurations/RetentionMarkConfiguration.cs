using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class RetentionMarkConfiguration : IEntityTypeConfiguration<RetentionMarkRow>
{
    public void Configure(EntityTypeBuilder<RetentionMarkRow> builder)
    {
        builder.ToTable("retention_marks");
        builder.HasKey(mark => mark.Subject);
    }
}
