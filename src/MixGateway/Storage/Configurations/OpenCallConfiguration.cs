using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class OpenCallConfiguration : IEntityTypeConfiguration<OpenCallRow>
{
    public void Configure(EntityTypeBuilder<OpenCallRow> builder)
    {
        builder.ToTable("open_calls");
        builder.HasKey(call => call.RequestId);
        builder.Property(call => call.RequestId).ValueGeneratedNever();
    }
}
