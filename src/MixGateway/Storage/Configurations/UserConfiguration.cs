using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MixGateway.Storage.Configurations;

/// <summary>ASP.NET Core Identity's users, without its roles and claims, which nothing here uses.</summary>
internal sealed class UserConfiguration : IEntityTypeConfiguration<UserRow>
{
    private const int MaxNameLength = 256;

    public void Configure(EntityTypeBuilder<UserRow> builder)
    {
        builder.ToTable("users");
        builder.HasKey(user => user.Id);
        builder.Property(user => user.Id).ValueGeneratedNever();
        builder.Property(user => user.UserName).HasMaxLength(MaxNameLength);
        builder.Property(user => user.NormalizedUserName).HasMaxLength(MaxNameLength);
        builder.Property(user => user.Email).HasMaxLength(MaxNameLength);
        builder.Property(user => user.NormalizedEmail).HasMaxLength(MaxNameLength);
        builder.Ignore(user => user.PhoneNumber);
        builder.Ignore(user => user.PhoneNumberConfirmed);
        builder.Property(user => user.ConcurrencyStamp).IsConcurrencyToken();
        builder.HasIndex(user => user.NormalizedUserName).IsUnique();
        builder.HasIndex(user => user.NormalizedEmail).IsUnique();
    }
}

/// <summary>Which identity of an OpenID Connect provider is which user.</summary>
internal sealed class UserLoginConfiguration : IEntityTypeConfiguration<IdentityUserLogin<Guid>>
{
    public void Configure(EntityTypeBuilder<IdentityUserLogin<Guid>> builder)
    {
        builder.ToTable("user_logins");
        builder.HasKey(login => new { login.LoginProvider, login.ProviderKey });
        builder.HasOne<UserRow>().WithMany().HasForeignKey(login => login.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>The secret of an authenticator and the recovery codes.</summary>
internal sealed class UserTokenConfiguration : IEntityTypeConfiguration<IdentityUserToken<Guid>>
{
    public void Configure(EntityTypeBuilder<IdentityUserToken<Guid>> builder)
    {
        builder.ToTable("user_tokens");
        builder.HasKey(token => new { token.UserId, token.LoginProvider, token.Name });
        builder.HasOne<UserRow>().WithMany().HasForeignKey(token => token.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class UserPasskeyConfiguration : IEntityTypeConfiguration<IdentityUserPasskey<Guid>>
{
    /// <summary>Longer ids are not allowed by WebAuthn.</summary>
    private const int MaxCredentialIdLength = 1024;

    public void Configure(EntityTypeBuilder<IdentityUserPasskey<Guid>> builder)
    {
        builder.ToTable("user_passkeys");
        builder.HasKey(passkey => passkey.CredentialId);
        builder.Property(passkey => passkey.CredentialId).HasMaxLength(MaxCredentialIdLength);
        builder.OwnsOne(passkey => passkey.Data).ToJson("data");
        builder.HasOne<UserRow>().WithMany().HasForeignKey(passkey => passkey.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class UserSessionConfiguration : IEntityTypeConfiguration<UserSessionRow>
{
    public void Configure(EntityTypeBuilder<UserSessionRow> builder)
    {
        builder.ToTable("user_sessions");
        builder.HasKey(session => session.Id);
        builder.Property(session => session.Id).ValueGeneratedNever();
        builder.HasOne<UserRow>().WithMany().HasForeignKey(session => session.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
