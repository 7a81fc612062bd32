using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class UsageSpendConfiguration : IEntityTypeConfiguration<UsageSpendRow>
{
    public void Configure(EntityTypeBuilder<UsageSpendRow> builder)
    {
        builder.ToTable("usage_spend");
        builder.HasKey(spend => new { spend.AccountId, spend.KeyId, spend.Period });
    }
}
