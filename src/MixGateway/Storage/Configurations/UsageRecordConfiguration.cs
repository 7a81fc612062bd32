using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class UsageRecordConfiguration : IEntityTypeConfiguration<UsageRecordRow>
{
    public void Configure(EntityTypeBuilder<UsageRecordRow> builder)
    {
        builder.ToTable("usage_records");
        builder.HasKey(record => new { record.StartedAt, record.RequestId });
        builder.HasIndex(record => new { record.AccountId, record.StartedAt, record.RequestId }).IsDescending(false, true, true);
        builder.HasIndex(record => record.RequestId);
    }
}
