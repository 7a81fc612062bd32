using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class BoundedActionConfiguration : IEntityTypeConfiguration<BoundedActionRow>
{
    public void Configure(EntityTypeBuilder<BoundedActionRow> builder)
    {
        builder.ToTable("bounded_actions");
        builder.HasKey(action => action.Id);
        builder.Property(action => action.Id).ValueGeneratedNever();
        builder.HasIndex(action => new { action.Kind, action.Subject, action.At });
        builder.HasIndex(action => action.At);
    }
}
