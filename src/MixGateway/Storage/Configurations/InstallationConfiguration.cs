using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class InstallationConfiguration : IEntityTypeConfiguration<InstallationRow>
{
    public void Configure(EntityTypeBuilder<InstallationRow> builder)
    {
        builder.ToTable("installation");
        builder.HasKey(installation => installation.Place);
        builder.Property(installation => installation.Place).ValueGeneratedNever();
    }
}
