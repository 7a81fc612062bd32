using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class AdminTokenConfiguration : IEntityTypeConfiguration<AdminTokenRow>
{
    public void Configure(EntityTypeBuilder<AdminTokenRow> builder)
    {
        builder.ToTable("admin_tokens");
        builder.HasKey(token => token.Id);
        builder.Property(token => token.Id).ValueGeneratedNever();
        builder.HasIndex(token => token.Sha256).IsUnique();
        builder.HasIndex(token => token.Name).IsUnique();
    }
}
