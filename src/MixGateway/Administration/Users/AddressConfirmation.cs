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

/// <summary>What became of a link that confirms an address.</summary>
internal enum ConfirmationResult
{
    Confirmed,

    /// <summary>The link is too old, changed, or the address is confirmed already.</summary>
    Expired,

    /// <summary>The password is not the one of the registration that the link was sent for.</summary>
    WrongPassword,
}

/// <summary>How people show that an address is theirs, and what the first time is worth.</summary>
internal sealed class AddressConfirmation(
    UserManager<UserRow> users, OwnAccounts accounts, PendingPassword pending, Mailer mailer, MailBounds mails, ConsoleLinks links, IOptions<RegistrationOptions> options)
{
    /// <summary>True if an address has to be confirmed before its user can sign in: wherever mails can be sent.</summary>
    public bool IsNeeded => mailer.IsConfigured;

    /// <summary>
    /// Sends the link that confirms a registration. An address that has got enough mails is told nothing more for now, and whoever registers is told
    /// that the mail is on its way: the ones before are.
    /// </summary>
    /// <param name="passwordHash">Of the password that was chosen in this registration.</param>
    public async Task<MailResult> SendAsync(UserRow user, string passwordHash)
    {
        if (await mails.TakeAsync(MailKind.Confirmation, user.Email!) is not null)
        {
            return await mailer.TryAsync() ? MailResult.Sent : MailResult.Failed;
        }

        var path = ConsoleLinks.UserPath("confirm-email", user.Id, pending.Seal(user.Id, passwordHash));
        return await mailer.SendAsync(user.Email!, MailTexts.ConfirmAddress(user.Language, links.To(path))) ? MailResult.Sent : MailResult.Failed;
    }

    /// <summary>Sends the link once more to somebody who has given the right password and still may not sign in, if that is for want of it.</summary>
    public async Task<MailResult> SendAgainAsync(string email) =>
        IsNeeded && await users.FindByEmailAsync(email) is { EmailConfirmed: false, SuspendedAt: null, PasswordHash: { } hash } user ? await SendAsync(user, hash) : MailResult.NotNeeded;

    /// <summary>Confirms the registration that a link was sent for, by its password, which the user has from then on.</summary>
    public async Task<ConfirmationResult> ConfirmAsync(string? userId, string? code, string password)
    {
        if (!Guid.TryParse(userId, out var id) || ConsoleLinks.Token(code) is not { } token || pending.Open(id, token) is not { } hash
            || await users.FindByIdAsync(id.ToString()) is not { EmailConfirmed: false } user)
        {
            return ConfirmationResult.Expired;
        }

        if (!pending.IsRight(user, hash, password))
        {
            return ConfirmationResult.WrongPassword;
        }

        (user.PasswordHash, user.EmailConfirmed) = (hash, true);
        await users.UpdateSecurityStampAsync(user);
        await accounts.WelcomeAsync(user.Id, options.Value.Credit);
        return ConfirmationResult.Confirmed;
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
