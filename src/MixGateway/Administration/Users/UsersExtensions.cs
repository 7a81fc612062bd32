using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Forms;
using MixGateway.Administration.Mail;
using MixGateway.Administration.Secrets;
using MixGateway.Administration.SelfService;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>People: ASP.NET Core Identity over the gateway's database, and what people may do for themselves.</summary>
internal static class UsersExtensions
{
    public const int MinPasswordLength = 10;

    /// <summary>Needs the storage and the rest of the administration.</summary>
    public static void AddUsers(this IServiceCollection services)
    {
        services.AddSecrets();
        services.AddOptions<SmtpOptions>().BindConfiguration(SmtpOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SmtpOptions>, SmtpOptionsValidation>();
        services.AddOptions<RegistrationOptions>().BindConfiguration(RegistrationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RegistrationOptions>, RegistrationOptionsValidation>();
        services.AddIdentity();
        services.AddSingleton<Mailer>();
        services.AddSingleton<ActionBounds>();
        services.AddSingleton<MailBounds>();
        services.AddSingleton<ConsoleLinks>();
        services.AddSingleton<SpentCodes>();
        services.AddSingleton<SentForms>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<UserSessions>();
        services.AddSingleton<UserProfiles>();
        services.AddSingleton<UserAccounts>();
        services.AddSingleton<OwnAccounts>();
        services.AddSingleton<Invitations>();
        services.AddScoped<PendingPassword>();
        services.AddScoped<AddressConfirmation>();
        services.AddScoped<PasswordReset>();
        services.AddScoped<Registration>();
        services.AddScoped<ExternalLogins>();
        services.AddScoped<Passkeys>();
        services.AddSingleton<AdministratorSetup>();
        services.AddHostedService(static provider => provider.GetRequiredService<AdministratorSetup>());
        services.AddSelfService();
    }

    private static void AddSelfService(this IServiceCollection services)
    {
        services.AddOptions<SelfServiceOptions>().BindConfiguration(SelfServiceOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SelfServiceOptions>, SelfServiceOptionsValidation>();
        services.AddSingleton<AccessGuard>();
        services.AddSingleton<AccountKeys>();
        services.AddSingleton<AccountMembers>();
        services.AddSingleton<AccountQuality>();
        services.AddSingleton<AccountUsage>();
        services.AddSingleton<ModelOffers>();
        services.AddSingleton<AccountMoney>();
        services.AddSingleton<AdministratorCodes>();
        services.AddSingleton<BalanceAlertCheck>();
        services.AddHostedService(static provider => provider.GetRequiredService<BalanceAlertCheck>());
    }

    private static void AddIdentity(this IServiceCollection services)
    {
        // Identity's store works on one context for a request; it never is the context of a page.
        services.AddScoped(static provider => provider.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContext());
        services.AddHttpContextAccessor();
        services.AddIdentityCore<UserRow>(static options =>
            {
                // Length is what makes a password strong; rules about kinds of characters make people write it down.
                options.Password.RequiredLength = MinPasswordLength;
                options.Password.RequiredUniqueChars = 4;
                options.Password.RequireDigit = false;
                options.Password.RequireLowercase = false;
                options.Password.RequireUppercase = false;
                options.Password.RequireNonAlphanumeric = false;
                options.User.RequireUniqueEmail = true;
                options.User.AllowedUserNameCharacters = "";
                options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
            })
            .AddUserManager<CountingUserManager>()
            .AddSignInManager<SessionSignInManager>()
            .AddDefaultTokenProviders()
            .AddTokenProvider<OnceOnlyAuthenticator>(TokenOptions.DefaultAuthenticatorProvider);
        services.AddSingleton<IConfigureOptions<IdentityPasskeyOptions>, PasskeyOptionsSetup>();
        services.AddOptions<IdentityOptions>().Configure<IOptions<SmtpOptions>>(static (identity, smtp) => identity.SignIn.RequireConfirmedEmail = smtp.Value.IsConfigured);
        services.AddScoped<IUserStore<UserRow>, SealedUserStore>();
        services.AddScoped<IUserClaimsPrincipalFactory<UserRow>, UserPrincipalFactory>();
    }
}
