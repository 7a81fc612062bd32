using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage.Configurations;

namespace MixGateway.Storage;

/// <summary>The database, the truth about money. Get one from <c>IDbContextFactory&lt;GatewayDbContext&gt;</c>, whichever database it is.</summary>
internal abstract class GatewayDbContext(DbContextOptions options) : DbContext(options), IDataProtectionKeyContext
{
    public DbSet<AccountRow> Accounts => Set<AccountRow>();

    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<LedgerEntryRow> LedgerEntries => Set<LedgerEntryRow>();

    public DbSet<UsageRecordRow> UsageRecords => Set<UsageRecordRow>();

    public DbSet<UsageDailyRow> UsageDaily => Set<UsageDailyRow>();

    public DbSet<UsageSpendRow> UsageSpend => Set<UsageSpendRow>();

    public DbSet<RejectedEventRow> RejectedEvents => Set<RejectedEventRow>();

    public DbSet<AuditEntryRow> AuditEntries => Set<AuditEntryRow>();

    public DbSet<RetentionMarkRow> RetentionMarks => Set<RetentionMarkRow>();

    public DbSet<OpenCallRow> OpenCalls => Set<OpenCallRow>();

    public DbSet<ReplicaRow> Replicas => Set<ReplicaRow>();

    public DbSet<InstallationRow> Installation => Set<InstallationRow>();

    public DbSet<UserRow> Users => Set<UserRow>();

    public DbSet<UserSessionRow> UserSessions => Set<UserSessionRow>();

    public DbSet<MembershipRow> Memberships => Set<MembershipRow>();

    public DbSet<InvitationRow> Invitations => Set<InvitationRow>();

    /// <summary>What protects cookies; in the database, so that every replica reads the cookies of the others, and encrypted with a key that is not.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public DbSet<AdminTokenRow> AdminTokens => Set<AdminTokenRow>();

    public DbSet<RedemptionCodeRow> RedemptionCodes => Set<RedemptionCodeRow>();

    public DbSet<PaymentRow> Payments => Set<PaymentRow>();

    public DbSet<PaymentReversalRow> PaymentReversals => Set<PaymentReversalRow>();

    public DbSet<BalanceAlertRow> BalanceAlerts => Set<BalanceAlertRow>();

    public DbSet<SentFormRow> SentForms => Set<SentFormRow>();

    public DbSet<BoundedActionRow> BoundedActions => Set<BoundedActionRow>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcDateTime>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new AccountConfiguration());
        modelBuilder.ApplyConfiguration(new ApiKeyConfiguration());
        modelBuilder.ApplyConfiguration(new LedgerEntryConfiguration());
        modelBuilder.ApplyConfiguration(new UsageRecordConfiguration());
        modelBuilder.ApplyConfiguration(new UsageDailyConfiguration());
        modelBuilder.ApplyConfiguration(new UsageSpendConfiguration());
        modelBuilder.ApplyConfiguration(new RejectedEventConfiguration());
        modelBuilder.ApplyConfiguration(new AuditEntryConfiguration());
        modelBuilder.ApplyConfiguration(new RetentionMarkConfiguration());
        modelBuilder.ApplyConfiguration(new OpenCallConfiguration());
        modelBuilder.ApplyConfiguration(new ReplicaConfiguration());
        modelBuilder.ApplyConfiguration(new InstallationConfiguration());
        modelBuilder.ApplyConfiguration(new UserConfiguration());
        modelBuilder.ApplyConfiguration(new UserLoginConfiguration());
        modelBuilder.ApplyConfiguration(new UserTokenConfiguration());
        modelBuilder.ApplyConfiguration(new UserPasskeyConfiguration());
        modelBuilder.ApplyConfiguration(new UserSessionConfiguration());
        modelBuilder.ApplyConfiguration(new MembershipConfiguration());
        modelBuilder.ApplyConfiguration(new InvitationConfiguration());
        modelBuilder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        modelBuilder.ApplyConfiguration(new AdminTokenConfiguration());
        modelBuilder.ApplyConfiguration(new RedemptionCodeConfiguration());
        modelBuilder.ApplyConfiguration(new PaymentConfiguration());
        modelBuilder.ApplyConfiguration(new PaymentReversalConfiguration());
        modelBuilder.ApplyConfiguration(new BalanceAlertConfiguration());
        modelBuilder.ApplyConfiguration(new SentFormConfiguration());
        modelBuilder.ApplyConfiguration(new BoundedActionConfiguration());
        modelBuilder.UseSnakeCaseNames();
    }
}
