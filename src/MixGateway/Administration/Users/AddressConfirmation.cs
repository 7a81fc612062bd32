using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Mail;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>What became of a mail that somebody waits for.</summary>
internal enum MailResult
{
    /// <summary>There was none to send.</summary>
    NotNeeded,

    Sent,

    /// <summary>The mail server did not take it; later it may.</summary>
    Failed,
}

/// <summary>How people show that an address is theirs, and what the first time is worth.</summary>
internal sealed class AddressConfirmation(UserManager<UserRow> users, OwnAccounts accounts, Mailer mailer, ConsoleLinks links, IOptions<RegistrationOptions> options)
{
    /// <summary>True if an address has to be confirmed before its user can sign in: wherever mails can be sent.</summary>
    public bool IsNeeded => mailer.IsConfigured;

    /// <summary>Sends the link that confirms.</summary>
    public async Task<MailResult> SendAsync(UserRow user)
    {
        var path = ConsoleLinks.UserPath("confirm-email", user.Id, await users.GenerateEmailConfirmationTokenAsync(user));
        return await mailer.SendAsync(user.Email!, MailTexts.ConfirmAddress(user.Language, links.To(path))) ? MailResult.Sent : MailResult.Failed;
    }

    /// <summary>Sends the link once more to somebody who has given the right password and still may not sign in, if that is for want of it.</summary>
    public async Task<MailResult> SendAgainAsync(string email) =>
        IsNeeded && await users.FindByEmailAsync(email) is { EmailConfirmed: false, SuspendedAt: null } user ? await SendAsync(user) : MailResult.NotNeeded;

    /// <returns>False if the link is wrong or too old.</returns>
    public async Task<bool> ConfirmAsync(string? userId, string? code)
    {
        if (!Guid.TryParse(userId, out var id) || ConsoleLinks.Token(code) is not { } token || await users.FindByIdAsync(id.ToString()) is not { } user)
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

    /// <summary>For an address that was shown to be the user's in another way: by the link of another mail, or by an administrator's word.</summary>
    public async Task AcceptAsync(UserRow user)
    {
        if (!user.EmailConfirmed)
        {
            user.EmailConfirmed = true;
            await users.UpdateAsync(user);
            await accounts.WelcomeAsync(user.Id, options.Value.Credit);
        }
    }
}
