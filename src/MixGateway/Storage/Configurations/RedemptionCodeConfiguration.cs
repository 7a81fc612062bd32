using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class RedemptionCodeConfiguration : IEntityTypeConfiguration<RedemptionCodeRow>
{
    public void Configure(EntityTypeBuilder<RedemptionCodeRow> builder)
    {
        builder.ToTable("redemption_codes");
        builder.HasKey(code => code.Id);
        builder.Property(code => code.Id).ValueGeneratedNever();
        builder.HasIndex(code => code.Sha256).IsUnique();
        builder.HasIndex(code => new { code.Batch, code.Id });
        builder.HasIndex(code => code.RedeemedBy).HasFilter("redeemed_by IS NOT NULL");
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(code => code.RedeemedBy).OnDelete(DeleteBehavior.Restrict);
    }
}
