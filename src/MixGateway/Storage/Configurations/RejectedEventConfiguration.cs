using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class RejectedEventConfiguration : IEntityTypeConfiguration<RejectedEventRow>
{
    public void Configure(EntityTypeBuilder<RejectedEventRow> builder)
    {
        builder.ToTable("rejected_events");
        builder.HasKey(rejected => rejected.Id);
        builder.Property(rejected => rejected.Id).ValueGeneratedNever();
    }
}
