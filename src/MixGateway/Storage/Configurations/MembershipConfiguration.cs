using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

internal sealed class MembershipConfiguration : IEntityTypeConfiguration<MembershipRow>
{
    public void Configure(EntityTypeBuilder<MembershipRow> builder)
    {
        builder.ToTable("memberships");
        builder.HasKey(membership => new { membership.UserId, membership.AccountId });
        builder.Property(membership => membership.Role).HasConversion<LowerCaseEnum<AccountRole>>();
        builder.HasOne<UserRow>().WithMany().HasForeignKey(membership => membership.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(membership => membership.AccountId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class InvitationConfiguration : IEntityTypeConfiguration<InvitationRow>
{
    public void Configure(EntityTypeBuilder<InvitationRow> builder)
    {
        builder.ToTable("invitations");
        builder.HasKey(invitation => invitation.Id);
        builder.Property(invitation => invitation.Id).ValueGeneratedNever();
        builder.Property(invitation => invitation.Role).HasConversion<LowerCaseEnum<AccountRole>>();
        builder.HasIndex(invitation => invitation.Sha256).IsUnique();
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(invitation => invitation.AccountId).OnDelete(DeleteBehavior.Restrict);
    }
}
