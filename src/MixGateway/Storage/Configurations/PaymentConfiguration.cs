using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class PaymentConfiguration : IEntityTypeConfiguration<PaymentRow>
{
    public void Configure(EntityTypeBuilder<PaymentRow> builder)
    {
        builder.ToTable("payments");
        builder.HasKey(payment => payment.Id);
        builder.Property(payment => payment.Id).ValueGeneratedNever();
        builder.Property(payment => payment.Provider).HasConversion<LowerCaseEnum<PaymentProvider>>();
        builder.Property(payment => payment.Status).HasConversion<LowerCaseEnum<PaymentStatus>>();
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(payment => payment.AccountId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(payment => new { payment.AccountId, payment.Id });

        // What a provider took once pays for one payment.
        builder.HasIndex(payment => new { payment.Provider, payment.ProviderId }).IsUnique().HasFilter("provider_id IS NOT NULL");
        builder.HasIndex(payment => new { payment.Provider, payment.ProviderPaymentId }).IsUnique().HasFilter("provider_payment_id IS NOT NULL");
    }
}

internal sealed class PaymentReversalConfiguration : IEntityTypeConfiguration<PaymentReversalRow>
{
    public void Configure(EntityTypeBuilder<PaymentReversalRow> builder)
    {
        builder.ToTable("payment_reversals");
        builder.HasKey(reversal => new { reversal.PaymentId, reversal.Id });
        builder.HasOne<PaymentRow>().WithMany().HasForeignKey(reversal => reversal.PaymentId).OnDelete(DeleteBehavior.Restrict);
    }
}
