using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class UsageDailyConfiguration : IEntityTypeConfiguration<UsageDailyRow>
{
    public void Configure(EntityTypeBuilder<UsageDailyRow> builder)
    {
        builder.ToTable("usage_daily");
        builder.HasKey(day => new { day.Day, day.AccountId, day.KeyId, day.Model });
        builder.HasIndex(day => new { day.AccountId, day.Day });

        // Written by replicas of the version before, which do not know these columns.
        builder.Property(day => day.PurchaseCost).HasDefaultValue(0L);
        builder.Property(day => day.PurchaseCharged).HasDefaultValue(0L);
    }
}
