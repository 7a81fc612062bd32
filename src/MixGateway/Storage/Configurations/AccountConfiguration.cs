using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class AccountConfiguration : IEntityTypeConfiguration<AccountRow>
{
    public void Configure(EntityTypeBuilder<AccountRow> builder)
    {
        builder.ToTable("accounts");
        builder.HasKey(account => account.Id);
        builder.Property(account => account.Id).ValueGeneratedNever();
        builder.Property(account => account.Status).HasConversion<LowerCaseEnum<AccountStatus>>();
        builder.Property(account => account.Version).IsConcurrencyToken();
        builder.Property(account => account.SpendLimitPeriod).HasConversion<LowerCaseEnum<SpendLimitPeriod>>();

        // Nearly always empty, and looked into every second.
        builder.HasIndex(account => account.Id, "ix_accounts_unpushed").HasFilter("pushed_version < changed_version");
    }
}
