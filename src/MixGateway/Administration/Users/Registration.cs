using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Mail;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>How a registration ended.</summary>
internal enum RegistrationResult
{
    /// <summary>The user is there and may sign in.</summary>
    Registered,

    /// <summary>A mail was sent; the link in it confirms the address. Said too where the address has a user, so that nobody learns who has one.</summary>
    MailSent,

    /// <summary>Registration is closed, or needs an invitation.</summary>
    NotInvited,

    /// <summary>The address or the password was refused; the codes say why.</summary>
    Refused,
}

/// <param name="Codes">ASP.NET Core Identity's, such as <c>PasswordTooShort</c>.</param>
internal sealed record RegistrationOutcome(RegistrationResult Result, UserRow? User, IReadOnlyList<string> Codes)
{
    public static RegistrationOutcome Of(RegistrationResult result, UserRow? user = null) => new(result, user, []);
}

/// <summary>How people become users, confirm their address and get a new password.</summary>
internal sealed class Registration(
    UserManager<UserRow> users, OwnAccounts accounts, Invitations invitations, Mailer mailer, IOptions<RegistrationOptions> options, TimeProvider time)
{
    public RegistrationMode Mode => options.Value.Registration;

    /// <summary>True if an address has to be confirmed before its user can sign in.</summary>
    public bool ConfirmsAddresses => mailer.IsConfigured;

    public async Task<RegistrationOutcome> RegisterAsync(string email, string password, string language, string? invitation)
    {
        var offer = await invitations.FindAsync(invitation, CancellationToken.None);
        if (Mode != RegistrationMode.Open && offer is null)
        {
            return RegistrationOutcome.Of(RegistrationResult.NotInvited);
        }

        if (ConfirmsAddresses && await users.FindByEmailAsync(email) is not null)
        {
            await mailer.SendAsync(email, MailTexts.AlreadyRegistered(language, Link("forgot-password")));
            return RegistrationOutcome.Of(RegistrationResult.MailSent);
        }

        var (user, codes) = await CreateAsync(email, password, language, isAdministrator: false);
        if (user is null)
        {
            return new RegistrationOutcome(RegistrationResult.Refused, null, codes);
        }

        if (offer is not null)
        {
            await invitations.AcceptAsync(user.Id, invitation!);
        }

        await accounts.EnsureAsync(user.Id);
        return ConfirmsAddresses ? await AskToConfirmAsync(user) : RegistrationOutcome.Of(RegistrationResult.Registered, user);
    }

    /// <summary>A new user, whose address counts as confirmed where mails cannot be sent or an administrator vouches for it.</summary>
    public async Task<(UserRow? User, IReadOnlyList<string> Codes)> CreateAsync(string email, string? password, string? language, bool isAdministrator)
    {
        var now = time.Now();
        var user = new UserRow
        {
            Id = AdministrationClock.NewId(now),
            UserName = email,
            Email = email,
            EmailConfirmed = isAdministrator || !ConfirmsAddresses,
            IsAdministrator = isAdministrator,
            Language = language,
            CreatedAt = now,
        };
        var result = password is null ? await users.CreateAsync(user) : await users.CreateAsync(user, password);
        return result.Succeeded ? (user, []) : (null, [.. result.Errors.Select(static error => error.Code)]);
    }

    /// <summary>Confirms an address, and gives its user's account what the first confirmation is worth.</summary>
    /// <returns>False if the link is wrong or too old.</returns>
    public async Task<bool> ConfirmAsync(string? userId, string? code)
    {
        if (userId is null || code is null || await users.FindByIdAsync(userId) is not { } user || !TryDecode(code, out var token))
        {
            return false;
        }

        if (!(await users.ConfirmEmailAsync(user, token)).Succeeded)
        {
            return false;
        }

        await accounts.WelcomeAsync(user.Id, options.Value.Credit);
        return true;
    }

    /// <summary>Sends the link for a new password, if the address has a user. Takes no notice of whether it does.</summary>
    public async Task SendResetAsync(string email)
    {
        if (mailer.IsConfigured && await users.FindByEmailAsync(email) is { } user)
        {
            await mailer.SendAsync(email, MailTexts.ResetPassword(user.Language, Link(await ResetPathAsync(user))));
        }
    }

    /// <summary>The path and query, after the console's root, of a page that sets a new password; for whoever may have it.</summary>
    public async Task<string> ResetPathAsync(UserRow user) =>
        $"reset-password?user={user.Id}&code={Encode(await users.GeneratePasswordResetTokenAsync(user))}";

    /// <returns>Identity's codes of what is wrong; none if the password is set.</returns>
    public async Task<IReadOnlyList<string>> ResetAsync(string? userId, string? code, string password)
    {
        if (userId is null || code is null || await users.FindByIdAsync(userId) is not { } user || !TryDecode(code, out var token))
        {
            return ["InvalidToken"];
        }

        var result = await users.ResetPasswordAsync(user, token, password);
        return [.. result.Errors.Select(static error => error.Code)];
    }

    private async Task<RegistrationOutcome> AskToConfirmAsync(UserRow user)
    {
        var code = Encode(await users.GenerateEmailConfirmationTokenAsync(user));
        await mailer.SendAsync(user.Email!, MailTexts.ConfirmAddress(user.Language, Link($"confirm-email?user={user.Id}&code={code}")));
        return RegistrationOutcome.Of(RegistrationResult.MailSent, user);
    }

    /// <summary>Never from the request's own host, which anybody can choose.</summary>
    private Uri Link(string path) => new(options.Value.PublicUrl!, $"/dashboard/{path}");

    private static string Encode(string token) => WebEncoders.Base64UrlEncode(System.Text.Encoding.UTF8.GetBytes(token));

    private static bool TryDecode(string code, out string token)
    {
        try
        {
            token = System.Text.Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(code));
            return true;
        }
        catch (FormatException)
        {
            token = "";
            return false;
        }
    }
}
