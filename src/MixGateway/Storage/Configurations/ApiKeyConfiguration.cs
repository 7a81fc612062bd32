using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKeyRow>
{
    public void Configure(EntityTypeBuilder<ApiKeyRow> builder)
    {
        builder.ToTable("api_keys");
        builder.HasKey(key => key.Id);
        builder.Property(key => key.Id).ValueGeneratedNever();
        builder.HasIndex(key => key.Sha256).IsUnique();
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(key => key.AccountId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(key => key.Status).HasConversion<LowerCaseEnum<ApiKeyStatus>>();
        builder.Property(key => key.SpendLimitPeriod).HasConversion<LowerCaseEnum<SpendLimitPeriod>>();
    }
}
