using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class BalanceAlertConfiguration : IEntityTypeConfiguration<BalanceAlertRow>
{
    public void Configure(EntityTypeBuilder<BalanceAlertRow> builder)
    {
        builder.ToTable("balance_alerts");
        builder.HasKey(alert => alert.AccountId);
        builder.Property(alert => alert.AccountId).ValueGeneratedNever();
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(alert => alert.AccountId).OnDelete(DeleteBehavior.Restrict);
    }
}
